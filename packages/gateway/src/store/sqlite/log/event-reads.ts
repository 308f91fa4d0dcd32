import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  DuplicateCause,
  DuplicateTotals,
  StoredBody,
  StoredEvent,
} from "../../contract/index.ts";
import { packId } from "../packing/packed-id.ts";
import { StoredRows, storedRowColumns, type StoredRow } from "../packing/stored-rows.ts";
import type { RecentEvents } from "./recent-events.ts";

const ofTenant = "(SELECT number FROM log_tenants WHERE tenant_id = ?)";

interface LogRow {
  readonly number: number;
  readonly head: number;
  readonly floor: number;
  readonly keptBytes: number;
}

interface Log extends LogRow {
  /** Newest offset that is in the index. */
  readonly indexed: number;
}

interface DuplicateRow {
  readonly instance: string;
  readonly cause: DuplicateCause;
  readonly count: number;
}

function noDuplicates(): Record<DuplicateCause, number> {
  return { retry: 0, overlap: 0, redelivered: 0 };
}

interface InstanceActivity {
  readonly instanceId: string;
  /** Of its newest event, Unix milliseconds. */
  readonly receivedAt: number;
  /** Events ever stored. */
  readonly count: number;
}

/**
 * Reads of the log. Each takes the tenant's id and finds its rows through it; each looks at the index
 * and at the events that are not in it yet.
 */
export class EventReads {
  readonly #recent: RecentEvents;
  readonly #atPosition: StatementSync;
  readonly #readAfter: StatementSync;
  readonly #byId: StatementSync;
  readonly #rows: StoredRows;
  readonly #bounds: StatementSync;
  readonly #duplicates: StatementSync;
  readonly #lastEvents: StatementSync;

  constructor(db: DatabaseSync, recent: RecentEvents) {
    this.#recent = recent;
    this.#readAfter = db.prepare(
      `SELECT ${storedRowColumns} FROM event_places p CROSS JOIN events e ON e.position = p.position
       WHERE p.tenant = ? AND p."offset" > ? ORDER BY p."offset" LIMIT ?`,
    );
    this.#atPosition = db.prepare(
      `SELECT ${storedRowColumns} FROM events e WHERE e.position = ? AND e.tenant = ?`,
    );
    this.#byId = db.prepare(
      `SELECT ${storedRowColumns} FROM event_ids i CROSS JOIN events e ON e.position = i.position
       WHERE i.id IN (?, ?) AND e.tenant = ?`,
    );
    this.#rows = new StoredRows(db);
    this.#bounds = db.prepare(
      "SELECT number, head, floor, kept_bytes AS keptBytes FROM log_tenants WHERE tenant_id = ?",
    );
    this.#duplicates = db.prepare(
      `SELECT instance, cause, count FROM log_duplicates WHERE tenant = ${ofTenant}`,
    );
    this.#lastEvents = db.prepare(
      `SELECT instance AS instanceId, last_received_at AS receivedAt, count FROM log_instances WHERE tenant = ${ofTenant}`,
    );
  }

  readAfter(tenantId: string, offset: number, limit: number): readonly StoredEvent[] {
    const log = this.#log(tenantId);
    if (!log) return [];
    const rows: StoredRow[] = [];
    if (offset < log.indexed)
      for (const row of this.#readAfter.all(log.number, offset, limit)) rows.push(asRow(row));
    const last = offset + limit;
    for (const { position } of this.#recent.between(log.number, offset + 1, last)) {
      if (rows.length >= limit) break;
      const row = this.#atPosition.get(position, log.number);
      if (row) rows.push(asRow(row));
    }
    return rows.map((row) => this.#rows.event(tenantId, row));
  }

  byId(tenantId: string, eventId: string): StoredEvent | undefined {
    const log = this.#log(tenantId);
    if (!log) return undefined;
    const recent = this.#recent.byId(eventId);
    const row = recent
      ? this.#atPosition.get(recent.position, log.number)
      : // Ids were stored as they are read before they were packed.
        this.#byId.get(eventId, packId(eventId), log.number);
    return row && this.#rows.event(tenantId, asRow(row));
  }

  body(tenantId: string, bodyId: number): StoredBody | undefined {
    const log = this.#log(tenantId);
    return log && this.#rows.body(log.number, bodyId);
  }

  bounds(tenantId: string): { readonly head: number; readonly floor: number } {
    const log = this.#log(tenantId);
    return log ? { head: log.head, floor: log.floor } : { head: 0, floor: 1 };
  }

  keptBytes(tenantId: string): number {
    return this.#log(tenantId)?.keptBytes ?? 0;
  }

  duplicates(tenantId: string): DuplicateTotals {
    const total = noDuplicates();
    for (const { cause, count } of this.#duplicateRows(tenantId)) total[cause] += count;
    return total;
  }

  duplicatesByInstance(tenantId: string): ReadonlyMap<string, DuplicateTotals> {
    const totals = new Map<string, Record<DuplicateCause, number>>();
    for (const { instance, cause, count } of this.#duplicateRows(tenantId)) {
      // Of no instance: the tenant's own, and webhooks that named none.
      if (instance === "") continue;
      const total = totals.get(instance) ?? noDuplicates();
      total[cause] += count;
      totals.set(instance, total);
    }
    return totals;
  }

  #duplicateRows(tenantId: string): readonly DuplicateRow[] {
    return this.#duplicates.all(tenantId) as unknown as readonly DuplicateRow[];
  }

  lastEvents(tenantId: string): readonly InstanceActivity[] {
    const rows = this.#lastEvents.all(tenantId) as unknown as readonly InstanceActivity[];
    const byInstance = new Map(rows.map((row) => [row.instanceId, { ...row }]));
    const log = this.#log(tenantId);
    for (const { instance, receivedAt } of log ? this.#recent.ofTenant(log.number) : []) {
      if (instance === null) continue;
      const known = byInstance.get(instance) ?? { instanceId: instance, receivedAt, count: 0 };
      byInstance.set(instance, {
        instanceId: instance,
        receivedAt: Math.max(known.receivedAt, receivedAt),
        count: known.count + 1,
      });
    }
    return [...byInstance.values()];
  }

  #log(tenantId: string): Log | undefined {
    const row = this.#bounds.get(tenantId) as unknown as LogRow | undefined;
    if (!row) return undefined;
    const head = Math.max(row.head, this.#recent.headOf(row.number));
    return { ...row, head, indexed: row.head };
  }
}

function asRow(row: object): StoredRow {
  return row as StoredRow;
}
