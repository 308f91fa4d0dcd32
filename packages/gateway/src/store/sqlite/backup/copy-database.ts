import { closeSync, fdatasyncSync, fsyncSync, openSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { classifyFailure } from "../sqlite-error.ts";
import { BackupFailure } from "./backup-error.ts";
import {
  readDatabaseFacts,
  requireIntegrity,
  requireKnownSchema,
  type DatabaseFacts,
} from "./database-facts.ts";
import type { OnProgress } from "./progress.ts";

/**
 * Pages of one step, 1 MB. After each step the copy is synced and rests as long as the step took: a
 * gateway beside it has the disk for itself half of the time, and its syncs never wait for a heap of
 * pages of the copy that the system saved up. Measured with 500 webhooks a second, 570 MB and a machine busy
 * with other things: the median answer took 17 to 29 ms without a backup, 47 to 69 ms beside one that rests,
 * 2.8 s beside one that does not. On a quiet machine one that rests did not show.
 */
const pagesPerStep = 256;

/** A disk that hangs for a moment must not make a backup take a night. */
const longestRestMs = 500;

const pageBytes = 4_096;

/** Waits, doing nothing: the program has nothing else to do, and a step cannot be made to wait otherwise. */
function rest(durationMs: number): void {
  if (durationMs <= 0) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(durationMs, longestRestMs));
}

export interface DatabaseCopy {
  readonly from: string;
  /** Created with mode 0600; must not exist. */
  readonly to: string;
  readonly onProgress: OnProgress;
  /** Whether to rest between steps; without it the copy takes half as long. Default true. */
  readonly isGentle?: boolean;
}

/**
 * Copies a database in use, as it is at one moment: a read transaction holds that moment until the last
 * page is copied, so that commits of the gateway neither appear in the copy by halves nor make it begin
 * anew. For as long the gateway's WAL grows by what is written. VACUUM INTO would do the same in one long
 * statement without rests, and read the file out of order.
 *
 * Opens the source for reading only. The copy is one file, checked page by page and synced; its facts
 * are answered. Throws {@link BackupFailure} for a damaged source.
 */
export async function copyDatabase(copy: DatabaseCopy): Promise<DatabaseFacts> {
  const { from, to } = copy;
  const source = openSource(from);
  const descriptor = openSync(to, "wx", 0o600);
  try {
    // The read transaction begins with the first read, not with BEGIN.
    source.exec("BEGIN");
    requireKnownSchema(source, from);
    await copyPages(source, copy, descriptor);
  } catch (error) {
    throw classifyFailure(error) === "fatal" ? damaged(from, error) : error;
  } finally {
    source.close();
    closeSync(descriptor);
  }
  copy.onProgress({ step: "integrity" });
  const facts = checkCopy(to);
  syncFile(to);
  return facts;
}

function syncFile(path: string): void {
  const descriptor = openSync(path, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openSource(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  } catch (error) {
    throw new BackupFailure(`The database ${path} cannot be read.`, { cause: error });
  }
}

function damaged(path: string, cause: unknown): BackupFailure {
  return new BackupFailure(`The database ${path} is damaged and cannot be copied.`, { cause });
}

async function copyPages(
  source: DatabaseSync,
  { to, onProgress, isGentle = true }: DatabaseCopy,
  descriptor: number,
): Promise<void> {
  onProgress({ step: "database" });
  let before = performance.now();
  await backup(source, to, {
    rate: pagesPerStep,
    progress({ totalPages, remainingPages }) {
      if (isGentle) {
        fdatasyncSync(descriptor);
        rest(performance.now() - before);
      }
      onProgress({
        step: "database",
        done: (totalPages - remainingPages) * pageBytes,
        total: totalPages * pageBytes,
      });
      before = performance.now();
    },
  });
}

function checkCopy(path: string): DatabaseFacts {
  const db = new DatabaseSync(path);
  try {
    // Without a WAL the copy is one file. The gateway makes it a WAL database again.
    db.exec("PRAGMA journal_mode = DELETE");
    requireIntegrity(db, path);
    return readDatabaseFacts(db, path);
  } catch (error) {
    if (classifyFailure(error) !== "fatal") throw error;
    throw damaged(path, error);
  } finally {
    db.close();
  }
}
