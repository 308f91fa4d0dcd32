import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeepRule } from "../../contract/index.ts";
import type { EventIndex } from "../log/event-index.ts";
import { EventRangeDelete } from "./event-range-delete.ts";

interface LogSize {
  readonly floor: number;
  readonly head: number;
  readonly keptBytes: number;
}

interface LogRow extends LogSize {
  readonly number: number;
  readonly tenantId: string;
}

interface OldEvent {
  readonly offset: number;
  readonly received_at: number;
}

/**
 * The last offset of the longest run at the beginning of a log that may go, 0 when none.
 *
 * Only a beginning goes, so that offsets stay dense: after a clock was set back, an event that looks old
 * stays until those before it are old. A time in the future is no time: it goes with its neighbours,
 * since one bad clock must not stop retention for years.
 */
export function expiredUpTo(events: Iterable<OldEvent>, before: number, now: number): number {
  let last = 0;
  for (const event of events) {
    if (event.received_at < before) last = event.offset;
    else if (event.received_at <= now) break;
  }
  return last;
}

/**
 * The last offset that must go for a log to fit into `maxBytes`, 0 when it does: as if all of its events were
 * of one size. Not all at once, since those to come may be the larger ones; the next call goes on.
 */
export function tooManyUpTo(log: LogSize, maxBytes: number | undefined): number {
  if (maxBytes === undefined || log.keptBytes <= maxBytes) return 0;
  const events = log.head - log.floor + 1;
  const share = (log.keptBytes - maxBytes) / log.keptBytes;
  return log.floor + Math.ceil((events * share) / 2) - 1;
}

/** Deletes from the beginning of logs; must run inside the writer's transaction. */
export class Expirer {
  readonly #logs: StatementSync;
  readonly #oldest: StatementSync;
  readonly #firstPast: StatementSync;
  readonly #saveFloor: StatementSync;
  readonly #deleteMinutes: StatementSync;
  readonly #index: EventIndex;
  readonly #eventRange: EventRangeDelete;

  constructor(db: DatabaseSync, index: EventIndex) {
    this.#index = index;
    this.#logs = db.prepare(
      `SELECT number, floor, head, tenant_id AS tenantId, kept_bytes AS keptBytes FROM log_tenants
       WHERE tenant_id IS NOT NULL AND floor <= head`,
    );
    this.#oldest = db.prepare(
      `SELECT p."offset", e.received_at FROM event_places p CROSS JOIN events e ON e.position = p.position
       WHERE p.tenant = ? AND p."offset" >= ? ORDER BY p."offset" LIMIT ?`,
    );
    this.#firstPast = db.prepare(
      `SELECT p."offset", e.received_at FROM event_places p CROSS JOIN events e ON e.position = p.position
       WHERE p.tenant = ? AND p."offset" >= ? AND e.received_at <= ? ORDER BY p."offset" LIMIT 1`,
    );
    this.#saveFloor = db.prepare("UPDATE log_tenants SET floor = ? WHERE number = ?");
    this.#deleteMinutes = db.prepare(
      "DELETE FROM log_minutes WHERE tenant = ? AND last_offset <= ?",
    );
    this.#eventRange = new EventRangeDelete(db);
  }

  /** Answers how many events went, at most `limit`. */
  run(ruleOf: (tenantId: string) => KeepRule, now: number, limit: number): number {
    // What goes is found by the index, and nothing may stay in it.
    this.#index.catchUp();
    let gone = 0;
    for (const log of this.#logs.all() as unknown as readonly LogRow[]) {
      const rule = ruleOf(log.tenantId);
      const most = limit - gone;
      const oldest = this.#oldest.iterate(
        log.number,
        log.floor,
        most,
      ) as unknown as Iterable<OldEvent>;
      const last = Math.max(
        expiredUpTo(oldest, rule.before, now) || this.#futureUpTo(log, rule.before, now, most),
        Math.min(tooManyUpTo(log, rule.maxBytes), log.floor + most - 1),
      );
      if (last < log.floor) continue;
      this.#eventRange.run(log.number, log.floor, last);
      this.#deleteMinutes.run(log.number, last);
      this.#saveFloor.run(last + 1, log.number);
      gone += last - log.floor + 1;
      if (gone >= limit) break;
    }
    return gone;
  }

  /** A run of times in the future that is longer than what may go at once goes as well, piece by piece. */
  #futureUpTo(log: LogRow, before: number, now: number, most: number): number {
    const past = this.#firstPast.get(log.number, log.floor, now) as OldEvent | undefined;
    if (!past || past.received_at >= before) return 0;
    return Math.min(past.offset, log.floor + most - 1);
  }
}
