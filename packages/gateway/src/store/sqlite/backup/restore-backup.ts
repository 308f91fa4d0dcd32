import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../../base/clock.ts";
import { syncFolder } from "../data-directory.ts";
import { lockDirectory } from "../lock.ts";
import { BackupRefusal } from "./backup-error.ts";
import { createPrivate, findBackup, timeName, type FoundBackup } from "./backup-target.ts";
import { copyFile } from "./files/copy-file.ts";
import { readDatabaseFacts, type DatabaseFacts } from "./database-facts.ts";
import { giveToOwner } from "./files/give-to-owner.ts";
import { isInside } from "./files/is-inside.ts";
import { databaseName, keysName } from "./manifest.ts";
import type { OnProgress } from "./progress.ts";
import { mountsIn } from "./files/mounts-in.ts";
import { requireRoom } from "./files/require-room.ts";
import { commitRestore, finishRestore, stagingName } from "./restore-journal.ts";
import { requireSame, totalBytes, unreadable } from "./verify-backup.ts";

export interface RestoreOptions {
  /** A backup, or a folder of backups: then the newest. */
  readonly from: string;
  readonly dataDir: string;
  /** Whether what is in `dataDir` may be moved aside. */
  readonly replace: boolean;
  readonly clock: Clock;
  /** Names the log that begins: cursors of the old one are not its own. */
  readonly newEpoch: () => string;
  readonly onProgress: OnProgress;
}

export interface RestoreReport {
  readonly backup: FoundBackup;
  readonly dataDir: string;
  /** Where the old state is; absent when there was none. */
  readonly aside?: string;
  /** True when nothing but the rest of an interrupted restore of this backup was done. */
  readonly completedOnly: boolean;
  /** See `DatabaseFacts`. */
  readonly sealedCheck?: string;
}

const lockName = "recado.lock";
const asidePrefix = "before-restore-";

/** What does not belong to a state: the lock, a disk's own folder, and states of before. */
function isState(name: string): boolean {
  return !name.startsWith(lockName) && name !== "lost+found" && !name.startsWith(asidePrefix);
}

/**
 * Puts a backup into a data folder. The old state counts until everything new is checked and on disk; then
 * the new one does, also when this is interrupted: the next start or restore completes it. The old state
 * is moved into a folder beside the new one, never deleted; that folder is a whole data folder itself.
 *
 * The restored log has a new epoch. Only what the manifest names is restored: projections are built anew.
 * Rejects with `BackupRefusal` when the folders do not fit, `BackupFailure` when the backup is damaged or
 * there is no room, `StoreOpenError` while a gateway uses the folder.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const dataDir = resolve(options.dataDir);
  const backup = await findBackup(options.from);
  if (isInside(backup.folder, dataDir) || isInside(dataDir, backup.folder)) {
    throw new BackupRefusal(
      `The backup ${backup.folder} and the data folder ${dataDir} lie in one another. Move the backup out first.`,
    );
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lockPath = join(dataDir, lockName);
  createPrivate(lockPath);
  giveToOwner(lockPath, dataDir);
  const unlock = lockDirectory(lockPath, dataDir);
  try {
    return await restoreLocked(backup, { ...options, dataDir });
  } finally {
    unlock();
  }
}

/** Tells one backup from another. */
function nameOf({ manifest }: FoundBackup): string {
  return `${manifest.createdAt} ${manifest.epoch}`;
}

async function restoreLocked(backup: FoundBackup, options: RestoreOptions): Promise<RestoreReport> {
  const { dataDir, onProgress } = options;
  const completed = finishRestore(dataDir, () => onProgress({ step: "move" }));
  if (completed?.backup === nameOf(backup)) {
    const aside = completed.moveAside.length > 0 ? { aside: join(dataDir, completed.aside) } : {};
    return { backup, dataDir, ...aside, completedOnly: true };
  }
  const old = oldState(backup, options);
  requireRoom(dataDir, totalBytes(backup.manifest));
  let facts: DatabaseFacts;
  try {
    facts = await stage(backup, old.includes(keysName), options);
  } catch (error) {
    rmSync(join(dataDir, stagingName), { recursive: true, force: true });
    throw error;
  }
  const aside = freeName(dataDir, `${asidePrefix}${timeName(options.clock.now())}`);
  const moveIn = readdirSync(join(dataDir, stagingName));
  onProgress({ step: "commit" });
  commitRestore(dataDir, { backup: nameOf(backup), aside, moveAside: [...old], moveIn });
  finishRestore(dataDir, () => onProgress({ step: "move" }));
  const { sealedCheck } = facts;
  return {
    backup,
    dataDir,
    completedOnly: false,
    ...(old.length > 0 ? { aside: join(dataDir, aside) } : {}),
    ...(sealedCheck === undefined ? {} : { sealedCheck }),
  };
}

function freeName(folder: string, wanted: string): string {
  let name = wanted;
  for (let count = 2; existsSync(join(folder, name)); count += 1) name = `${wanted}-${count}`;
  return name;
}

/**
 * The names of what has to go aside. Keys that wait for a backup without keys are not a state: they stay
 * where they are. Throws {@link BackupRefusal} when there is something and nobody said that it may go.
 */
function oldState(backup: FoundBackup, { dataDir, replace }: RestoreOptions): readonly string[] {
  const names = readdirSync(dataDir).filter(isState);
  const onlyKeys = names.every((name) => name === keysName);
  if (names.length === 0 || (onlyKeys && !backup.manifest.keys)) return [];
  const mounted = mountsIn(dataDir);
  const fixed = names.find((name) => mounted.includes(name));
  if (fixed !== undefined) {
    throw new BackupRefusal(
      `${join(dataDir, fixed)} is mounted there and cannot be moved aside. Unmount it, or restore into another folder (--data-dir).`,
    );
  }
  if (replace) return names;
  throw new BackupRefusal(
    `The data folder ${dataDir} is not empty. With --replace what is in it is moved aside, into a folder within it.`,
  );
}

/** Copies everything into the staging folder, checks it on the way, and has it on disk when it resolves. */
async function stage(
  backup: FoundBackup,
  keepsKeys: boolean,
  options: RestoreOptions,
): Promise<DatabaseFacts> {
  const { dataDir, onProgress } = options;
  const staging = join(dataDir, stagingName);
  const total = totalBytes(backup.manifest);
  let done = 0;
  const folders = new Set([staging]);
  mkdirSync(staging, { mode: 0o700 });
  onProgress({ step: "stage", done, total });
  for (const file of backup.manifest.files) {
    const to = join(staging, file.path);
    makeFolders(dirname(to), folders);
    const facts = await copyFile(join(backup.folder, file.path), to, (bytes) => {
      done += bytes;
      onProgress({ step: "stage", done, total });
    }).catch((error: unknown) => {
      throw unreadable(backup.folder, file.path, error);
    });
    requireSame(backup.folder, file, facts);
  }
  // The present keys may be those of the backup; aside alone they would be missing here.
  if (keepsKeys && !backup.manifest.keys) keepKeys(dataDir, staging);
  const facts = beginEpoch(join(staging, databaseName), options.newEpoch());
  giveToOwner(staging, dataDir);
  for (const folder of folders) syncFolder(folder);
  syncFolder(dataDir);
  return facts;
}

function makeFolders(folder: string, known: Set<string>): void {
  if (known.has(folder)) return;
  makeFolders(dirname(folder), known);
  mkdirSync(folder, { mode: 0o700 });
  known.add(folder);
}

function keepKeys(dataDir: string, staging: string): void {
  const to = join(staging, keysName);
  if (existsSync(to)) return;
  copyFileSync(join(dataDir, keysName), to);
  chmodSync(to, 0o600);
  const descriptor = openSync(to, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Readers hold positions of a log that went on after the backup: in this one they would skip or repeat. */
function beginEpoch(path: string, epoch: string): DatabaseFacts {
  const db = new DatabaseSync(path);
  try {
    const facts = readDatabaseFacts(db, path);
    db.prepare("UPDATE settings SET value = ? WHERE name = 'epoch'").run(epoch);
    return facts;
  } finally {
    db.close();
  }
}
