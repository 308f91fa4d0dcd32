import type { DatabaseSync, StatementSync } from "node:sqlite";
import { bytesBesideText } from "../log/event-index.ts";
import { segmentOf } from "../log/event-terms.ts";

/**
 * Deletes a run at the beginning of one tenant's log with all that hangs on it. Must run inside the
 * writer's transaction, after everything was indexed.
 */
export class EventRangeDelete {
  readonly #byRange: readonly StatementSync[];
  readonly #terms: StatementSync;

  constructor(db: DatabaseSync) {
    const places = `event_places p WHERE p.tenant = ?1 AND p."offset" BETWEEN ?2 AND ?3`;
    const events = places.replace("WHERE", "CROSS JOIN events e ON e.position = p.position WHERE");
    const next = places.replace("BETWEEN ?2 AND ?3", "= ?3 + 1");
    const bodies = `id IN (SELECT e.body FROM ${events})
      AND id IS NOT (SELECT e.body FROM ${next.replace("WHERE", "CROSS JOIN events e ON e.position = p.position WHERE")})`;
    const blocks = "cold_blocks WHERE tenant = ?1 AND last_offset <= ?3 AND ?2 = ?2";
    this.#byRange = [
      `UPDATE log_tenants SET kept_bytes = kept_bytes
         - coalesce((SELECT sum(octet_length(e.json) + ${bytesBesideText}) FROM ${events}), 0)
         - coalesce((SELECT sum(octet_length(text)) FROM bodies WHERE ${bodies}), 0)
         - coalesce((SELECT sum(octet_length(events) + coalesce(octet_length(bodies), 0)) FROM ${blocks}), 0)
       WHERE number = ?1`,
      // The events of a body follow one another, so only the next one's can still be needed.
      `DELETE FROM bodies WHERE ${bodies}`,
      // The block of an event that stays goes with that event.
      `DELETE FROM ${blocks}`,
      `DELETE FROM event_identities WHERE (hash, position) IN (SELECT e.identity_hash, e.position FROM ${events})`,
      `DELETE FROM event_ids WHERE (id, position) IN (SELECT e.id, e.position FROM ${events})`,
      `DELETE FROM events WHERE position IN (SELECT p.position FROM ${places})`,
      `DELETE FROM event_places WHERE tenant = ?1 AND "offset" BETWEEN ?2 AND ?3`,
    ].map((sql) => db.prepare(sql));
    // A term whose event is gone is passed over by lookups: a segment goes as a whole, once it is empty.
    this.#terms = db.prepare("DELETE FROM event_terms WHERE tenant = ? AND segment < ?");
  }

  run(tenant: number, first: number, last: number): void {
    for (const statement of this.#byRange) statement.run(tenant, first, last);
    if (segmentOf(first) !== segmentOf(last + 1)) this.#terms.run(tenant, segmentOf(last + 1));
  }
}
