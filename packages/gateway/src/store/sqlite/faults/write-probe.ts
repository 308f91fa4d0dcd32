import type { DatabaseSync } from "node:sqlite";

/** A probe must show that ordinary commits fit, not only that one page does. */
const smallestBytes = 1024 * 1024;
const largestBytes = 32 * 1024 * 1024;

/** Milliseconds until a probe, by how many went before it. The last one repeats. */
const waitsMs = [250, 500, 1_000, 2_000, 5_000];

export function probeWaitMs(probesBefore: number): number {
  return waitsMs[Math.min(probesBefore, waitsMs.length - 1)] ?? 0;
}

/** How much a probe writes after a commit of `failedBytes` did not fit: twice that, so that it fits then. */
export function probeBytes(failedBytes: number): number {
  return Math.min(largestBytes, Math.max(smallestBytes, failedBytes * 2));
}

/**
 * Commits `bytes` bytes and nothing else: a table that is gone again when the transaction ends. The pages
 * really go into the WAL, and into the database's free pages with the next checkpoint, where events use
 * them. Throws what SQLite says, with nothing changed. The commit is not synced.
 */
export function writeProbe(db: DatabaseSync, bytes: number): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec("CREATE TABLE write_probe (room BLOB)");
    db.prepare("INSERT INTO write_probe VALUES (zeroblob(?))").run(bytes);
    db.exec("DROP TABLE write_probe");
    db.exec("COMMIT");
  } catch (error) {
    // A full disk makes SQLite roll back by itself.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
