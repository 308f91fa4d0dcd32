import { existsSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import { syncFolder } from "../data-directory.ts";
import { BackupFailure, BackupRefusal } from "./backup-error.ts";
import {
  backupName,
  beginPartial,
  publish,
  removeOldest,
  takeTarget,
  type BackupTarget,
} from "./backup-target.ts";
import { copyDatabase } from "./copy-database.ts";
import { copyFile, fileFacts } from "./files/copy-file.ts";
import { copyMedia, type EarlierBackup } from "./files/media-files.ts";
import {
  databaseName,
  keysName,
  manifestName,
  newManifest,
  readManifest,
  type BackupFile,
  type Manifest,
} from "./manifest.ts";
import type { OnProgress } from "./progress.ts";
import { requireRoom } from "./files/require-room.ts";
import { isRestorePending } from "./restore-journal.ts";

export interface BackupOptions {
  readonly dataDir: string;
  /** Folder for backups; see {@link takeTarget}. */
  readonly target: string;
  /** Whether the generated keys come along: without them sealed secrets cannot be opened. */
  readonly withKeys: boolean;
  /** Backups that stay, this one included; absent: all. At least 1. */
  readonly keep?: number;
  readonly clock: Clock;
  /** Of the program. */
  readonly version: string;
  readonly onProgress: OnProgress;
  /** See {@link copyDatabase}. */
  readonly isGentle?: boolean;
}

export interface BackupReport {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Media files that an earlier backup had: they take no room. */
  readonly linked: number;
  readonly damagedMedia: readonly string[];
  /** Older backups that were removed. */
  readonly removed: number;
  /** See `DatabaseFacts`. */
  readonly sealedCheck?: string;
}

/**
 * Makes a backup of a data folder, whether a gateway works on it or not. Everything that was acknowledged
 * before the call is in it. It gets its name when it is complete, checked and on disk; until then, and
 * when this rejects, the target holds nothing that could be taken for a backup.
 *
 * Rejects with `BackupRefusal` when the folders do not fit, `BackupFailure` when what is there is damaged
 * or there is no room.
 */
export async function createBackup(options: BackupOptions): Promise<BackupReport> {
  const dataDir = resolve(options.dataDir);
  requireData(dataDir);
  const target = takeTarget(options.target, dataDir);
  try {
    const name = backupName(options.clock.now(), target.complete);
    const folder = beginPartial(target, name);
    try {
      const made = await fill(folder, target, { ...options, dataDir });
      options.onProgress({ step: "publish" });
      const published = publish(target, name);
      return { ...made, folder: published, removed: clear(target, options) };
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  } finally {
    target.release();
  }
}

function clear(target: BackupTarget, { keep, onProgress }: BackupOptions): number {
  if (keep === undefined) return 0;
  onProgress({ step: "remove" });
  return removeOldest(target, keep);
}

function requireData(dataDir: string): void {
  if (isRestorePending(dataDir)) {
    throw new BackupRefusal(
      `A restore into ${dataDir} was interrupted. Start the gateway or run the restore again, which completes it; then make the backup.`,
    );
  }
  if (existsSync(join(dataDir, databaseName))) return;
  throw new BackupRefusal(
    `There is no ${databaseName} in ${dataDir}. Name the gateway's data folder with --data-dir or DATA_DIR.`,
  );
}

/** Tells one file from another that later has its name. */
function identityOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : "";
}

async function fill(
  folder: string,
  target: BackupTarget,
  options: BackupOptions,
): Promise<Pick<BackupReport, "manifest" | "linked" | "damagedMedia" | "sealedCheck">> {
  const { dataDir, clock, onProgress, isGentle } = options;
  const source = join(dataDir, databaseName);
  requireRoom(folder, statSync(source).size);
  const identity = identityOf(source);
  const createdAt = new Date(clock.now()).toISOString();
  const copy = join(folder, databaseName);
  const facts = await copyDatabase({
    from: source,
    to: copy,
    onProgress,
    ...(isGentle === undefined ? {} : { isGentle }),
  });
  const files: BackupFile[] = [{ path: databaseName, ...(await fileFacts(copy)) }];
  // The database first: a file of which it speaks was there before it.
  if (options.withKeys) files.push(...(await copyKeys(dataDir, folder, onProgress)));
  const earlier = await earlierBackup(target);
  const media = await copyMedia({ dataDir, folder, earlier, onProgress });
  // A restore in the meantime would have left the old database with the new keys and files.
  if (identityOf(source) !== identity || isRestorePending(dataDir)) {
    throw new BackupFailure(`${dataDir} was restored while it was copied. Make the backup again.`);
  }
  const manifest = newManifest({
    version: options.version,
    createdAt,
    schema: facts.schema,
    epoch: facts.epoch,
    keys: files.some((file) => file.path === keysName),
    tenants: [...facts.tenants],
    files: [...files, ...media.files],
  });
  await writeManifest(folder, manifest);
  const { sealedCheck } = facts;
  return {
    manifest,
    linked: media.linked,
    damagedMedia: media.damaged,
    ...(sealedCheck === undefined ? {} : { sealedCheck }),
  };
}

async function copyKeys(
  dataDir: string,
  folder: string,
  onProgress: OnProgress,
): Promise<readonly BackupFile[]> {
  const source = join(dataDir, keysName);
  // Nothing is generated where every key is a setting.
  if (!existsSync(source)) return [];
  onProgress({ step: "keys" });
  return [{ path: keysName, ...(await copyFile(source, join(folder, keysName))) }];
}

/** The newest one that can be read: what cannot only costs room. */
async function earlierBackup(target: BackupTarget): Promise<EarlierBackup | undefined> {
  for (const name of target.complete.toReversed()) {
    const folder = join(target.folder, name);
    const manifest = await readManifest(folder).catch((error: unknown) => {
      if (error instanceof BackupFailure || error instanceof BackupRefusal) return undefined;
      throw error;
    });
    if (manifest)
      return { folder, files: new Map(manifest.files.map((file) => [file.path, file])) };
  }
  return undefined;
}

/** Last of all: a folder with a manifest is complete. */
async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = await open(join(folder, manifestName), "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  syncFolder(folder);
}
