import { closeSync, fdatasyncSync, fstatSync, openSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { damagedMessage, refuseDamaged } from "./faults/damage-mark.ts";
import { FileGuard } from "./faults/file-guard.ts";
import { finishRestore } from "./backup/restore-journal.ts";
import { prepareDataDirectory, syncFolder, type DataPaths } from "./data-directory.ts";
import { lockDirectory } from "./lock.ts";
import { migrate } from "./migrate.ts";
import { classifyFailure, isFileError } from "./sqlite-error.ts";
import { StoreOpenError } from "./store-open-error.ts";

/** The open database file with the folder's lock and the descriptor that makes commits durable. */
export interface OpenDatabase {
  readonly db: DatabaseSync;
  /** Of the database's file. */
  readonly path: string;
  /** Of the `-wal` file; open as long as `db` is, so that a sync always reaches the file SQLite writes to. */
  readonly walFd: number;
  /** Of the database and its WAL: whether their paths still name the files that are open. */
  readonly guards: { readonly database: FileGuard; readonly wal: FileGuard };
  close(): void;
}

/** How long a statement waits, blocking everything, for a tool that holds a lock on the file. */
const busyTimeoutMs = 1_000;

/**
 * page_size 4096: a commit writes whole pages, and most commits are of a single event; larger pages
 * pack rows better, but were no faster for many events at once and wrote half as much again for one. NORMAL leaves syncing the
 * WAL to the writer, which does it off the main thread before it acknowledges; SQLite itself still syncs
 * around checkpoints. A WAL that a burst made large is cut back. auto_vacuum has an effect on a new file
 * only: one that was made without it keeps its size, and what is free in it is used again.
 */
const settings = `
  PRAGMA page_size = 4096;
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 1000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -32768;
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;
`;

/**
 * Opens (creating what is missing) and migrates. On return everything on disk would survive a power cut.
 * Throws {@link StoreOpenError} where an operator can do something about it.
 */
export function openDatabase(directory: string): OpenDatabase {
  const paths = usableDirectory(directory);
  const unlock = lockDirectory(paths.lock, paths.directory);
  let db: DatabaseSync | undefined;
  try {
    finishRestore(paths.directory);
    db = new DatabaseSync(paths.database, {
      timeout: busyTimeoutMs,
      enableForeignKeyConstraints: false,
    });
    db.exec(settings);
    refuseDamaged(paths.directory, db);
    migrate(db);
    // Also for a database that was there: what a crash left unsynced in the WAL is about to be read.
    const walFd = openSync(paths.wal, "r+");
    fdatasyncSync(walFd);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    syncFolder(paths.directory);
    const guards = {
      // Not by a descriptor of our own: closing one would drop the locks that SQLite holds on this file.
      database: new FileGuard(paths.database, statSync(paths.database)),
      wal: new FileGuard(paths.wal, fstatSync(walFd)),
    };
    return { db, path: paths.database, walFd, guards, close: () => closeAll(db, walFd, unlock) };
  } catch (error) {
    db?.close();
    unlock();
    const failure = classifyFailure(error);
    if (failure === "unavailable" || isFileError(error)) throw unusable(paths.directory, error);
    if (failure !== "fatal") throw error;
    throw new StoreOpenError(damagedMessage(paths.directory), { cause: error });
  }
}

function usableDirectory(directory: string): DataPaths {
  try {
    return prepareDataDirectory(directory);
  } catch (error) {
    throw unusable(directory, error);
  }
}

function unusable(directory: string, error: unknown): StoreOpenError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreOpenError(`The data folder ${directory} cannot be used (DATA_DIR): ${reason}`, {
    cause: error,
  });
}

function closeAll(db: DatabaseSync | undefined, walFd: number, unlock: () => void): void {
  // The database first: closing it writes the WAL back.
  db?.close();
  closeSync(walFd);
  unlock();
}
