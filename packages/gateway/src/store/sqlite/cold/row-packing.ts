import type { DatabaseSync, StatementSync } from "node:sqlite";
import { maxBodyBytes } from "./block-maker.ts";

/** Rows that one step writes anew. */
const rowsPerStep = 64;

interface OldRows {
  readonly last: number | null;
  readonly rows: number;
  readonly old: number;
}

/**
 * Empties rows whose texts are in blocks and writes them anew, close together; must run inside the writer's
 * transaction. SQLite leaves a row that shrinks where it is, and neighbours are of many tenants: done tenant
 * by tenant, each page would be written many times and stay half empty for good. Goes through the log once,
 * in order, behind the blocks.
 */
export class RowPacking {
  readonly #look: StatementSync;
  readonly #steps: readonly StatementSync[];
  readonly #save: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec("CREATE TEMP TABLE packed_rows AS SELECT * FROM events LIMIT 0");
    this.#look = db.prepare(
      `SELECT max(position) AS last, count(*) AS rows, count(*) FILTER (WHERE received_at < ?) AS old
       FROM (SELECT position, received_at FROM events
         WHERE position > (SELECT packed FROM log_progress) ORDER BY position LIMIT ${rowsPerStep})`,
    );
    const range = "position > (SELECT packed FROM log_progress) AND position <= ?1";
    const isCold = `"offset" <= (SELECT cold_through FROM log_tenants WHERE number = tenant)`;
    // In a block with its last event: that of the next position has another body, and is cold itself.
    const bodies = `bodies WHERE octet_length(text) <= ${maxBodyBytes} AND id IN
      (SELECT body FROM packed_rows GROUP BY body HAVING min(${isCold}))
      AND id IS NOT (SELECT body FROM events WHERE position > ?1 ORDER BY position LIMIT 1)`;
    this.#steps = [
      `INSERT INTO packed_rows SELECT * FROM events WHERE ${range}`,
      `UPDATE log_tenants SET kept_bytes = kept_bytes - freed.bytes FROM
         (SELECT tenant, sum(bytes) AS bytes FROM (
            SELECT tenant, octet_length(json) AS bytes FROM packed_rows WHERE ${isCold}
            UNION ALL SELECT tenant, octet_length(text) FROM ${bodies}) GROUP BY tenant) AS freed
       WHERE number = freed.tenant AND ?1 = ?1`,
      `DELETE FROM ${bodies}`,
      `UPDATE packed_rows SET json = '' WHERE ${isCold} AND ?1 = ?1`,
      `DELETE FROM events WHERE ${range}`,
      "INSERT INTO events SELECT * FROM packed_rows WHERE position <= ?1 ORDER BY position",
      "DELETE FROM packed_rows WHERE position <= ?1",
    ].map((sql) => db.prepare(sql));
    this.#save = db.prepare("UPDATE log_progress SET packed = ?");
  }

  /**
   * To be called when there is no block to make of what was received before `before` (Unix ms). False when
   * no full step of such rows is left.
   */
  step(before: number): boolean {
    const { last, rows, old } = this.#look.get(before) as unknown as OldRows;
    // Half: a time in the future, of a clock that was wrong, must not hold up what comes behind it.
    if (last === null || rows < rowsPerStep || old < rows / 2) return false;
    for (const statement of this.#steps) statement.run(last);
    this.#save.run(last);
    return true;
  }
}
