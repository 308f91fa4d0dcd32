import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventFilter, StoredEvent } from "../../contract/index.ts";
import { minuteMs } from "../log/event-index.ts";
import { EventQuery, type EventPlace, type OffsetRange } from "../log/event-query.ts";
import { StoredRows } from "../packing/stored-rows.ts";

interface Log {
  readonly number: number;
  readonly floor: number;
  readonly termsThrough: number;
}

interface FreshEvent extends EventPlace {
  readonly receivedAt: number;
}

/**
 * Answers filters from the file alone: what the index has, and the rows above it that it does not have
 * yet, up to a position that is on disk.
 */
export class EventSearch {
  readonly #db: DatabaseSync;
  readonly #rows: StoredRows;
  readonly #log: StatementSync;
  readonly #minutes: StatementSync;
  readonly #fresh: StatementSync;
  readonly #unsynced: StatementSync;
  readonly #newest: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#rows = new StoredRows(db);
    this.#log = db.prepare(
      "SELECT number, floor, terms_through AS termsThrough FROM log_tenants WHERE tenant_id = ?",
    );
    this.#minutes = db.prepare(
      "SELECT min(first_offset) AS first, max(last_offset) AS last FROM log_minutes WHERE tenant = ? AND minute BETWEEN ? AND ?",
    );
    this.#fresh = db.prepare(
      `SELECT position, "offset", received_at AS receivedAt FROM events
       WHERE position > (SELECT through FROM log_progress) AND position <= ? AND tenant = ? ORDER BY position`,
    );
    this.#unsynced = db.prepare(
      `SELECT min("offset") AS "offset" FROM events WHERE position > ? AND tenant = ?`,
    );
    this.#newest = db.prepare(
      'SELECT max("offset") AS "offset" FROM event_places WHERE tenant = ?',
    );
  }

  query(tenantId: string, filter: EventFilter, durablePosition: number): readonly StoredEvent[] {
    const log = this.#log.get(tenantId) as unknown as Log | undefined;
    if (!log) return [];
    const fresh = this.#fresh.all(durablePosition, log.number) as unknown as readonly FreshEvent[];
    const range = this.#offsetsOf(log, filter, fresh, this.#headOf(log, fresh, durablePosition));
    if (!range) return [];
    const scope = { tenant: log.number, range, termsThrough: log.termsThrough };
    const rows = new EventQuery(filter, scope, fresh).run(this.#db);
    return rows.map((row) => this.#rows.event(tenantId, row));
  }

  /** The newest offset that may be seen. */
  #headOf(log: Log, fresh: readonly FreshEvent[], durablePosition: number): number {
    const unsynced = this.#unsynced.get(durablePosition, log.number)?.["offset"] as number | null;
    if (unsynced !== null) return unsynced - 1;
    const newest = fresh.at(-1)?.offset;
    return newest ?? (this.#newest.get(log.number)?.["offset"] as number | null) ?? 0;
  }

  /** A superset of the offsets received in the filter's time, undefined when there are none. */
  #offsetsOf(
    log: Log,
    filter: EventFilter,
    fresh: readonly FreshEvent[],
    head: number,
  ): OffsetRange | undefined {
    if (filter.since === undefined && filter.until === undefined)
      return { first: log.floor, last: head };
    const since = Math.floor((filter.since ?? 0) / minuteMs);
    const until = Math.floor((filter.until ?? Number.MAX_SAFE_INTEGER) / minuteMs);
    const indexed = this.#minutes.get(log.number, since, until) as {
      first: number | null;
      last: number | null;
    };
    const inTime = fresh.filter(({ receivedAt }) => {
      const minute = Math.floor(receivedAt / minuteMs);
      return minute >= since && minute <= until;
    });
    const first = indexed.first ?? inTime[0]?.offset;
    const last = inTime.at(-1)?.offset ?? indexed.last;
    if (first === undefined || last === null) return undefined;
    return { first: Math.max(first, log.floor), last: Math.min(last, head) };
  }
}
