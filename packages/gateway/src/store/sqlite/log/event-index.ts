import type { DatabaseSync, StatementSync } from "node:sqlite";
import { EventTerms } from "./event-terms.ts";
import type { RecentEvents } from "./recent-events.ts";

/** What an event's columns and index entries take, roughly, in `log_tenants.kept_bytes`. */
export const bytesBesideText = 256;

/** Length of a row of `log_minutes`, milliseconds. */
export const minuteMs = 60_000;

/**
 * Events that are indexed together. An identity's hash falls anywhere in its index, and every tenant has
 * its own pages in the others: written with each commit they would be most of what a commit writes.
 */
const eventsPerStep = 1_024;

/**
 * Writes what events are found by, a step at a time: places, ids, identities, minutes, instances, heads
 * and terms. Everything here follows from the rows of `events` above `log_progress.through`, so a crash
 * costs nothing but the reading of those rows. Must run inside the writer's transaction.
 */
export class EventIndex {
  readonly #recent: RecentEvents;
  readonly #terms: EventTerms;
  readonly #statements: readonly StatementSync[];
  readonly #countBodies: StatementSync;
  readonly #saveProgress: StatementSync;
  readonly #through: StatementSync;
  /** A process that ended may have left some. */
  #areTermsDue = true;

  constructor(db: DatabaseSync, recent: RecentEvents) {
    this.#recent = recent;
    this.#terms = new EventTerms(db);
    const fresh = "FROM events WHERE position > ?";
    this.#statements = [
      `INSERT INTO event_places SELECT tenant, "offset", position ${fresh} ORDER BY tenant, "offset"`,
      `INSERT INTO event_ids SELECT id, position ${fresh} ORDER BY id`,
      `INSERT INTO event_identities SELECT identity_hash, position ${fresh} ORDER BY identity_hash, position`,
      `INSERT INTO log_minutes
         SELECT tenant, received_at / ${minuteMs} AS minute, min("offset"), max("offset") ${fresh} GROUP BY tenant, minute
         ON CONFLICT DO UPDATE SET last_offset = excluded.last_offset`,
      `INSERT INTO log_instances
         SELECT tenant, instance, max(received_at), count(*) ${fresh} AND instance IS NOT NULL GROUP BY tenant, instance
         ON CONFLICT DO UPDATE SET last_received_at = max(last_received_at, excluded.last_received_at), count = count + excluded.count`,
      `UPDATE log_tenants SET head = written.head, kept_bytes = kept_bytes + written.bytes
         FROM (SELECT tenant, max("offset") AS head, sum(octet_length(json) + ${bytesBesideText}) AS bytes ${fresh} GROUP BY tenant)
         AS written WHERE number = written.tenant`,
    ].map((sql) => db.prepare(sql));
    this.#countBodies = db.prepare(
      `UPDATE log_tenants SET kept_bytes = kept_bytes + written.bytes
         FROM (SELECT tenant, sum(octet_length(text)) AS bytes FROM bodies
           WHERE id > (SELECT bodies FROM log_progress) GROUP BY tenant) AS written WHERE number = written.tenant`,
    );
    this.#through = db.prepare("SELECT through FROM log_progress");
    this.#saveProgress = db.prepare(
      "UPDATE log_progress SET through = coalesce((SELECT max(position) FROM events WHERE position > ?1), ?1), bodies = ?2",
    );
  }

  /** Writes a step when one is due: never two in a commit. */
  follow(): void {
    if (this.#recent.count >= eventsPerStep) this.catchUp();
    else if (this.#areTermsDue) this.#areTermsDue = this.#terms.step();
  }

  /** Writes everything that is missing, except for terms, which follow with the next commits. */
  catchUp(): void {
    if (this.#recent.count === 0) return;
    const through = Number(this.#through.get()?.["through"]);
    for (const statement of this.#statements) statement.run(through);
    this.#countBodies.run();
    this.#saveProgress.run(through, this.#recent.lastBodyId);
    this.#recent.indexed();
    this.#areTermsDue = true;
  }
}
