import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Deletes a run of one tenant's offsets with all that hangs on it; must run inside the writer's transaction. */
export class EventRangeDelete {
  readonly #statements: readonly StatementSync[];

  constructor(db: DatabaseSync) {
    const range = `events WHERE tenant = ?1 AND "offset" BETWEEN ?2 AND ?3`;
    this.#statements = [
      // An identity that a later event took over stays.
      `DELETE FROM identities
       WHERE (tenant, instance, key) IN (SELECT tenant, coalesce(instance, ''), identity_key FROM ${range})
         AND "offset" BETWEEN ?2 AND ?3`,
      // The events of a body follow one another, so only the next one's can still be needed.
      `DELETE FROM bodies WHERE id IN (SELECT body FROM ${range})
         AND id IS NOT (SELECT body FROM events WHERE tenant = ?1 AND "offset" = ?3 + 1)`,
      `DELETE FROM ${range}`,
    ].map((sql) => db.prepare(sql));
  }

  run(tenant: number, first: number, last: number): void {
    for (const statement of this.#statements) statement.run(tenant, first, last);
  }
}
