import type { DatabaseSync, StatementSync } from "node:sqlite";
import { segmentOf } from "../log/event-terms.ts";

/** Deletes a run at the beginning of one tenant's log with all that hangs on it; must run inside the writer's transaction. */
export class EventRangeDelete {
  readonly #bodies: StatementSync;
  readonly #events: StatementSync;
  readonly #identities: StatementSync;
  readonly #terms: StatementSync;
  readonly #progress: StatementSync;

  constructor(db: DatabaseSync) {
    const range = `events WHERE tenant = ?1 AND "offset" BETWEEN ?2 AND ?3`;
    // The events of a body follow one another, so only the next one's can still be needed.
    this.#bodies = db.prepare(
      `DELETE FROM bodies WHERE id IN (SELECT body FROM ${range})
         AND id IS NOT (SELECT body FROM events WHERE tenant = ?1 AND "offset" = ?3 + 1)`,
    );
    this.#events = db.prepare(`DELETE FROM ${range}`);
    this.#identities = db.prepare(
      `DELETE FROM event_identities WHERE (hash, position) IN (SELECT identity_hash, position FROM ${range})`,
    );
    // Positions behind the newest event are used again: those must count as not indexed yet.
    this.#progress = db.prepare(
      "UPDATE identity_progress SET through = min(through, coalesce((SELECT max(position) FROM events), 0))",
    );
    // A term whose event is gone is passed over by lookups: a segment goes as a whole, once it is empty.
    this.#terms = db.prepare("DELETE FROM event_terms WHERE tenant = ? AND segment < ?");
  }

  run(tenant: number, first: number, last: number): void {
    this.#bodies.run(tenant, first, last);
    this.#identities.run(tenant, first, last);
    this.#events.run(tenant, first, last);
    this.#progress.run();
    if (segmentOf(first) !== segmentOf(last + 1)) this.#terms.run(tenant, segmentOf(last + 1));
  }
}
