import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { NewBlock } from "./block-maker.ts";

/**
 * Adds blocks; must run inside the writer's transaction. The rows are emptied when `RowPacking` comes past
 * them, page by page: the events of a block lie in as many pages as there are of them, and each would be
 * written for every tenant anew. Rows that it has passed already are emptied here.
 */
export class BlockWriter {
  readonly #log: StatementSync;
  readonly #insert: StatementSync;
  readonly #count: StatementSync;
  readonly #late: StatementSync;
  readonly #lateSteps: readonly StatementSync[];

  constructor(db: DatabaseSync) {
    this.#log = db.prepare(
      "SELECT max(cold_through + 1, floor) AS first FROM log_tenants WHERE number = ? AND tenant_id IS NOT NULL",
    );
    this.#insert = db.prepare(
      "INSERT INTO cold_blocks (tenant, first_offset, last_offset, last_body, events, bodies) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#count = db.prepare(
      "UPDATE log_tenants SET cold_through = ?, kept_bytes = kept_bytes + ? WHERE number = ?",
    );
    const packed = "(SELECT packed FROM log_progress)";
    const places = `FROM event_places p WHERE p.tenant = ?1 AND p."offset" BETWEEN ?2 AND ?3`;
    const late = `(SELECT p.position ${places} AND p.position <= ${packed})`;
    const bodies = `bodies WHERE id IN (SELECT value FROM json_each(?4)) AND id IN
      (SELECT e.body ${places.replace("WHERE", "CROSS JOIN events e ON e.position = p.position WHERE")}
       GROUP BY e.body HAVING max(e.position) <= ${packed})`;
    this.#late = db.prepare(`SELECT 1 ${places} AND p.position <= ${packed} LIMIT 1`);
    this.#lateSteps = [
      `UPDATE log_tenants SET kept_bytes = kept_bytes
         - coalesce((SELECT sum(octet_length(json)) FROM events WHERE position IN ${late}), 0)
         - coalesce((SELECT sum(octet_length(text)) FROM ${bodies}), 0)
       WHERE number = ?1`,
      `DELETE FROM ${bodies}`,
      `UPDATE events SET json = '' WHERE position IN ${late} AND ?4 = ?4`,
    ].map((sql) => db.prepare(sql));
  }

  /** Adds nothing when the rows are not those of the block any more: some expired, or the tenant is gone. */
  write({ tenant, first, last, events, bodies, bodyIds }: NewBlock): void {
    if (this.#log.get(tenant)?.["first"] !== first) return;
    this.#insert.run(tenant, first, last, bodyIds.at(-1) ?? null, events, bodies ?? null);
    this.#count.run(last, events.byteLength + (bodies?.byteLength ?? 0), tenant);
    if (!this.#late.get(tenant, first, last)) return;
    const ids = JSON.stringify(bodyIds);
    for (const statement of this.#lateSteps) statement.run(tenant, first, last, ids);
  }
}
