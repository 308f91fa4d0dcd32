import type { DatabaseSync, StatementSync } from "node:sqlite";
import { writeStatement } from "./write-statement.ts";

/** Pages that one step of a merge writes. */
const pagesPerStep = 200;

/** The words of messages. */
export class TextIndex {
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #merge: StatementSync;
  readonly #changes: StatementSync;
  #isMergeDue = false;

  constructor(views: DatabaseSync) {
    this.#insert = writeStatement(
      views,
      "INSERT INTO texts (rowid, tenant, text) VALUES (?, ?, ?)",
    );
    this.#delete = writeStatement(views, "DELETE FROM texts WHERE rowid = ?");
    // Negative: everything becomes one piece, and what is marked as deleted stays behind.
    this.#merge = writeStatement(
      views,
      `INSERT INTO texts (texts, rank) VALUES ('merge', ${-pagesPerStep})`,
    );
    this.#changes = writeStatement(views, "SELECT total_changes() AS count");
  }

  /** `tenant` is the log's number. */
  add(position: number, tenant: number, text: string): void {
    this.#insert.run(position, `t${tenant}`, text);
  }

  delete(position: number): void {
    this.#delete.run(position);
    this.#isMergeDue = true;
  }

  /**
   * One step towards an index without the words that were deleted, until then they are only marked; false
   * when there are none. Must not run inside a transaction.
   */
  mergeStep(): boolean {
    if (!this.#isMergeDue) return false;
    const before = this.#count();
    this.#merge.run();
    // The command itself counts as one change.
    this.#isMergeDue = this.#count() - before >= 2n;
    return this.#isMergeDue;
  }

  #count(): bigint {
    return this.#changes.get()?.["count"] as unknown as bigint;
  }
}
