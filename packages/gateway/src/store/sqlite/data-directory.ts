import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface DataPaths {
  readonly directory: string;
  readonly database: string;
  readonly wal: string;
  readonly lock: string;
}

/**
 * Creates what is missing of the data folder: a new folder is for its owner only (0700), the files as well
 * (0600), before SQLite writes anything into them. SQLite gives its `-wal` and `-shm` files the mode of the
 * database. A folder that exists keeps its mode: it is the operator's.
 */
export function prepareDataDirectory(given: string): DataPaths {
  const directory = resolve(given);
  const created = mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = join(directory, "recado.db");
  const lock = join(directory, "recado.lock");
  for (const path of [database, lock]) {
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
  }
  if (created !== undefined) syncFolder(dirname(created));
  return { directory, database, wal: `${database}-wal`, lock };
}

/** Makes the folder's entries survive a power cut: without it a synced file can be gone with its name. */
export function syncFolder(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
