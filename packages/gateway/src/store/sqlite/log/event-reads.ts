import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  BodyMeta,
  DuplicateCause,
  EventFilter,
  StoredBody,
  StoredEvent,
} from "../../contract/index.ts";
import { EventQuery, type OffsetRange } from "./event-query.ts";
import { minuteMs } from "./log-tallies.ts";
import { storedEvent, storedEventColumns, type StoredEventRow } from "./stored-event.ts";

const ofTenant = "(SELECT number FROM log_tenants WHERE tenant_id = ?)";

interface LogRow {
  readonly number: number;
  readonly head: number;
  readonly floor: number;
  readonly terms_through: number;
}

/** Reads of the log. Each takes the tenant's id and finds its rows through it. */
export class EventReads {
  readonly #db: DatabaseSync;
  readonly #readAfter: StatementSync;
  readonly #byId: StatementSync;
  readonly #body: StatementSync;
  readonly #bounds: StatementSync;
  readonly #minutes: StatementSync;
  readonly #duplicates: StatementSync;
  readonly #lastEvents: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#readAfter = db.prepare(
      `SELECT ${storedEventColumns} FROM events e WHERE e.tenant = ${ofTenant} AND e."offset" > ? ORDER BY e."offset" LIMIT ?`,
    );
    this.#byId = db.prepare(
      `SELECT ${storedEventColumns} FROM events e WHERE e.id = ? AND +e.tenant = ${ofTenant}`,
    );
    this.#body = db.prepare(`SELECT meta, text FROM bodies WHERE tenant = ${ofTenant} AND id = ?`);
    this.#bounds = db.prepare(
      "SELECT number, head, floor, terms_through FROM log_tenants WHERE tenant_id = ?",
    );
    this.#minutes = db.prepare(
      `SELECT min(first_offset) AS first, max(last_offset) AS last FROM log_minutes WHERE tenant = ? AND minute BETWEEN ? AND ?`,
    );
    this.#duplicates = db.prepare(
      `SELECT cause, sum(count) AS count FROM log_duplicates WHERE tenant = ${ofTenant} GROUP BY cause`,
    );
    this.#lastEvents = db.prepare(
      `SELECT instance AS instanceId, last_received_at AS receivedAt, count FROM log_instances WHERE tenant = ${ofTenant}`,
    );
  }

  readAfter(tenantId: string, offset: number, limit: number): readonly StoredEvent[] {
    const rows = this.#readAfter.all(
      tenantId,
      offset,
      limit,
    ) as unknown as readonly StoredEventRow[];
    return rows.map((row) => storedEvent(tenantId, row));
  }

  query(tenantId: string, filter: EventFilter): readonly StoredEvent[] {
    const log = this.#log(tenantId);
    const range = log && this.#offsetsOf(log, filter);
    if (!log || !range) return [];
    const query = new EventQuery(filter, {
      tenant: log.number,
      range,
      termsThrough: log.terms_through,
    });
    return query.run(this.#db).map((row) => storedEvent(tenantId, row));
  }

  byId(tenantId: string, eventId: string): StoredEvent | undefined {
    const row = this.#byId.get(eventId, tenantId) as unknown as StoredEventRow | undefined;
    return row && storedEvent(tenantId, row);
  }

  body(tenantId: string, bodyId: number): StoredBody | undefined {
    const row = this.#body.get(tenantId, bodyId) as
      | { readonly meta: string; readonly text: string }
      | undefined;
    return row && { text: row.text, meta: JSON.parse(row.meta) as BodyMeta };
  }

  bounds(tenantId: string): { readonly head: number; readonly floor: number } {
    const log = this.#log(tenantId);
    return log ? { head: log.head, floor: log.floor } : { head: 0, floor: 1 };
  }

  duplicates(tenantId: string): Readonly<Record<DuplicateCause, number>> {
    const counts = { retry: 0, overlap: 0, redelivered: 0 };
    for (const row of this.#duplicates.all(tenantId))
      counts[row["cause"] as DuplicateCause] = Number(row["count"]);
    return counts;
  }

  lastEvents(tenantId: string): readonly {
    readonly instanceId: string;
    readonly receivedAt: number;
    readonly count: number;
  }[] {
    const rows = this.#lastEvents.all(tenantId) as {
      instanceId: string;
      receivedAt: number;
      count: number;
    }[];
    return rows.map(({ instanceId, receivedAt, count }) => ({ instanceId, receivedAt, count }));
  }

  #log(tenantId: string): LogRow | undefined {
    return this.#bounds.get(tenantId) as unknown as LogRow | undefined;
  }

  /** A superset of the offsets received in the filter's time, undefined when there are none. */
  #offsetsOf(log: LogRow, filter: EventFilter): OffsetRange | undefined {
    if (filter.since === undefined && filter.until === undefined)
      return { first: log.floor, last: log.head };
    const since = Math.floor((filter.since ?? 0) / minuteMs);
    const until = Math.floor((filter.until ?? Number.MAX_SAFE_INTEGER) / minuteMs);
    const range = this.#minutes.get(log.number, since, until) as
      | { first: number | null; last: number | null }
      | undefined;
    if (range?.first == null || range.last == null) return undefined;
    return { first: Math.max(range.first, log.floor), last: range.last };
  }
}
