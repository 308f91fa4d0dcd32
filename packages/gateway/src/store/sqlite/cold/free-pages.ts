import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Pages that one step moves to where free ones are: some milliseconds at most, also in a large file. */
const pagesPerStep = 64;
/** Free pages that are left for what comes next: a sixteenth of the file, and never less than 1 MiB. */
const minFree = 256;
const freeShare = 16;

/**
 * Gives free pages back to the disk; must run inside the writer's transaction. A file that was made without
 * room for this (`auto_vacuum`) keeps its size, and what is free is used again.
 */
export class FreePages {
  readonly #db: DatabaseSync;
  readonly #canShrink: boolean;
  readonly #free: StatementSync;
  readonly #all: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#canShrink = db.prepare("PRAGMA auto_vacuum").get()?.["auto_vacuum"] === 2;
    this.#free = db.prepare("PRAGMA freelist_count");
    this.#all = db.prepare("PRAGMA page_count");
  }

  /** False when there is nothing to give back. */
  step(): boolean {
    if (!this.#canShrink) return false;
    const free = Number(this.#free.get()?.["freelist_count"]);
    const all = Number(this.#all.get()?.["page_count"]);
    if (free <= Math.max(minFree, all / freeShare) + pagesPerStep) return false;
    this.#db.exec(`PRAGMA incremental_vacuum(${pagesPerStep})`);
    return true;
  }
}
