import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { syncFolder } from "../data-directory.ts";
import { lockDirectory } from "../lock.ts";
import { StoreOpenError } from "../store-open-error.ts";
import { BackupRefusal } from "./backup-error.ts";
import { isInside } from "./files/is-inside.ts";
import { manifestName, readManifest, type Manifest } from "./manifest.ts";

/** Marks a folder as one for backups, and keeps two from being made in it at once. */
const lockName = "recado-backups.lock";

/** A disk's own folder, in the root of every ext file system. */
const systemNames: ReadonlySet<string> = new Set(["lost+found", lockName]);

const completeName = /^\d{8}T\d{6}Z(-\d+)?$/;
/** What is not complete yet, or not any more, has a name of this kind. */
const partialPrefix = "partial-";

/** A folder that holds backups, each in a folder of its own named by its time. */
export interface BackupTarget {
  readonly folder: string;
  /** Names of the complete ones, oldest first. */
  readonly complete: readonly string[];
  /** Lets go of the folder. */
  release(): void;
}

/** Names of the complete backups in a folder, oldest first. A half one has no manifest or another kind of name. */
export function completeBackups(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => completeName.test(name) && existsSync(join(folder, name, manifestName)))
    .toSorted((one, other) => one.localeCompare(other, "en", { numeric: true }));
}

/**
 * Takes a folder for backups: one that is missing (it is made, mode 0700), an empty one, or one that was
 * taken before. Removes what an interrupted backup left. Throws {@link BackupRefusal} for any other.
 */
export function takeTarget(given: string, dataDir: string): BackupTarget {
  const folder = resolve(given);
  if (isInside(folder, dataDir)) {
    throw new BackupRefusal(
      `${folder} lies in the data folder ${dataDir}. Choose a folder outside of it, best on another disk: what happens to one must not happen to both.`,
    );
  }
  requireOurs(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lockPath = join(folder, lockName);
  createPrivate(lockPath);
  const release = takeLock(lockPath, folder);
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(partialPrefix)) rmSync(join(folder, name), { recursive: true });
    }
    return { folder, complete: completeBackups(folder), release };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * An empty file with mode 0600, where there is none. One that is there is not opened: closing it again would
 * let go of the locks that SQLite holds on it in this process.
 */
export function createPrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}

function requireOurs(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isDirectory()) throw new BackupRefusal(`${folder} is a file, not a folder.`);
  const names = readdirSync(folder);
  const isOurs = names.includes(lockName) || completeBackups(folder).length > 0;
  if (isOurs || names.every((name) => systemNames.has(name))) return;
  throw new BackupRefusal(
    `${folder} holds other things than backups of Recado. Choose an empty folder, or the one of earlier backups.`,
  );
}

function takeLock(path: string, folder: string): () => void {
  try {
    return lockDirectory(path, folder);
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    throw new BackupRefusal(`Another backup is being made in ${folder}. Wait until it is done.`, {
      cause: error,
    });
  }
}

/** `20260102T030405Z`, and a number behind it when there is one of that second already. */
export function backupName(now: number, taken: readonly string[]): string {
  const name = timeName(now);
  const count = taken.filter((other) => other === name || other.startsWith(`${name}-`)).length;
  return count === 0 ? name : `${name}-${count + 1}`;
}

/** A moment as a part of a file's name: sorts by time, and has no character that any system refuses. */
export function timeName(now: number): string {
  return new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/** The folder in which a backup of that name is made. */
export function beginPartial(target: BackupTarget, name: string): string {
  const folder = join(target.folder, `${partialPrefix}${name}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Gives a backup its name: from then on it counts. What it holds must be synced. */
export function publish(target: BackupTarget, name: string): string {
  const folder = join(target.folder, name);
  renameSync(join(target.folder, `${partialPrefix}${name}`), folder);
  syncFolder(target.folder);
  return folder;
}

/** Removes the oldest backups until `keep` are left; answers how many went. */
export function removeOldest(target: BackupTarget, keep: number): number {
  const surplus = completeBackups(target.folder).slice(0, -keep);
  for (const name of surplus) {
    // Renamed first: a half removed one must not be taken for a backup.
    const doomed = join(target.folder, `${partialPrefix}${name}`);
    renameSync(join(target.folder, name), doomed);
    rmSync(doomed, { recursive: true });
  }
  return surplus.length;
}

/** A complete backup. */
export interface FoundBackup {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The backup that `given` is, or the newest in it. Throws {@link BackupRefusal} when there is none. */
export async function findBackup(given: string): Promise<FoundBackup> {
  const folder = resolve(given);
  const own = await readManifest(folder);
  if (own) return { folder, manifest: own };
  const newest = statSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? completeBackups(folder).at(-1)
    : undefined;
  const found = newest === undefined ? undefined : await readManifest(join(folder, newest));
  if (newest === undefined || !found) {
    throw new BackupRefusal(`There is no complete backup in ${folder}.`);
  }
  return { folder: join(folder, newest), manifest: found };
}
