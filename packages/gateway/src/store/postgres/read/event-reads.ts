import type {
  BodyMeta,
  DuplicateCause,
  DuplicateTotals,
  EventFilter,
  StoredBody,
  StoredEvent,
  TenantScope,
} from "../../contract/index.ts";
import type { Database, Fragment } from "../database.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";
import { storedEventOf, type StoredEventRow } from "./stored-event-row.ts";

interface DuplicateRow {
  readonly instance: string;
  readonly cause: DuplicateCause;
  readonly count: number;
}

/**
 * Reads of one tenant's log. What they see was committed, hence synced: PostgreSQL shows a transaction
 * only after its commit is on disk.
 */
export class EventReads {
  readonly #sql: Database;

  constructor(sql: Database) {
    this.#sql = sql;
  }

  async readAfter(
    scope: TenantScope,
    offset: number,
    limit: number,
  ): Promise<readonly StoredEvent[]> {
    const sql = this.#sql;
    return this.#events(scope, sql`AND e."offset" > ${offset} ORDER BY e."offset" LIMIT ${limit}`);
  }

  async query(scope: TenantScope, filter: EventFilter): Promise<readonly StoredEvent[]> {
    const sql = this.#sql;
    const order = filter.after === undefined ? sql`DESC` : sql`ASC`;
    return this.#events(
      scope,
      sql`${this.#conditions(filter)} ORDER BY e."offset" ${order} LIMIT ${filter.limit}`,
    );
  }

  async byId(scope: TenantScope, eventId: string): Promise<StoredEvent | undefined> {
    const [event] = await this.#events(scope, this.#sql`AND e.id = ${toStoredText(eventId)}`);
    return event;
  }

  async body(scope: TenantScope, bodyId: number): Promise<StoredBody | undefined> {
    const [row] = await this.#sql<{ readonly meta: string; readonly text: string }[]>`
      SELECT b.meta, b.text FROM bodies b JOIN logs l ON l.number = b.log
      WHERE l.tenant_id = ${toStoredText(scope.tenantId)} AND b.id = ${bodyId}`;
    if (!row) return undefined;
    return { text: fromStoredText(row.text), meta: JSON.parse(row.meta) as BodyMeta };
  }

  async bounds(scope: TenantScope): Promise<{ readonly head: number; readonly floor: number }> {
    const [row] = await this.#sql<{ readonly head: number; readonly floor: number }[]>`
      SELECT head, floor FROM logs WHERE tenant_id = ${toStoredText(scope.tenantId)}`;
    return row ? { head: row.head, floor: row.floor } : { head: 0, floor: 1 };
  }

  async duplicates(scope: TenantScope): Promise<DuplicateTotals> {
    const total = noDuplicates();
    for (const { cause, count } of await this.#duplicateRows(scope)) total[cause] += count;
    return total;
  }

  async duplicatesByInstance(scope: TenantScope): Promise<ReadonlyMap<string, DuplicateTotals>> {
    const totals = new Map<string, Record<DuplicateCause, number>>();
    for (const { instance, cause, count } of await this.#duplicateRows(scope)) {
      // Of no instance: the tenant's own, and webhooks that named none.
      if (instance === "") continue;
      const total = totals.get(instance) ?? noDuplicates();
      total[cause] += count;
      totals.set(fromStoredText(instance), total);
    }
    return totals;
  }

  async lastEvents(
    scope: TenantScope,
  ): Promise<
    readonly { readonly instanceId: string; readonly receivedAt: number; readonly count: number }[]
  > {
    const rows = await this.#sql<{ instance: string; at: number; count: number }[]>`
      SELECT i.instance, i.last_received_at AS at, i.count FROM log_instances i JOIN logs l ON l.number = i.log
      WHERE l.tenant_id = ${toStoredText(scope.tenantId)}`;
    return rows.map(({ instance, at, count }) => ({
      instanceId: fromStoredText(instance),
      receivedAt: at,
      count,
    }));
  }

  async #duplicateRows(scope: TenantScope): Promise<readonly DuplicateRow[]> {
    return this.#sql<DuplicateRow[]>`
      SELECT d.instance, d.cause, d.count FROM log_duplicates d JOIN logs l ON l.number = d.log
      WHERE l.tenant_id = ${toStoredText(scope.tenantId)}`;
  }

  async #events(scope: TenantScope, rest: Fragment): Promise<readonly StoredEvent[]> {
    const rows = await this.#sql<StoredEventRow[]>`
      SELECT l.tenant_id AS tenant, e."offset", e.position, e.id, e.type, e.instance, e.chat, e.body,
        e.body_index, e.received_at, e.json
      FROM events e JOIN logs l ON l.number = e.log
      WHERE l.tenant_id = ${toStoredText(scope.tenantId)} ${rest}`;
    return rows.map(storedEventOf);
  }

  /** Everything that a filter asks of an event, each condition with an AND in front. */
  #conditions(filter: EventFilter): Fragment {
    const sql = this.#sql;
    const { instanceId, types, chatId, phone, messageId, fromMe, unrecognised } = filter;
    const phones = phone === undefined ? [] : [phone, ...(filter.lids ?? [])];
    const conditions: readonly (Fragment | undefined)[] = [
      messageId === undefined ? undefined : sql`AND e.message_id = ${toStoredText(messageId)}`,
      phone === undefined ? undefined : sql`AND e.phone = ANY(${phones.map(toStoredText)}::text[])`,
      chatId === undefined ? undefined : sql`AND e.chat = ${toStoredText(chatId)}`,
      instanceId === undefined ? undefined : sql`AND e.instance = ${toStoredText(instanceId)}`,
      types === undefined ? undefined : sql`AND e.type = ANY(${types.map(toStoredText)}::text[])`,
      fromMe === undefined ? undefined : sql`AND e.from_me = ${fromMe}`,
      unrecognised === undefined ? undefined : sql`AND e.unrecognised = ${unrecognised}`,
      filter.since === undefined ? undefined : sql`AND e.received_at >= ${filter.since}`,
      filter.until === undefined ? undefined : sql`AND e.received_at < ${filter.until}`,
      filter.before === undefined ? undefined : sql`AND e."offset" < ${filter.before}`,
      filter.after === undefined ? undefined : sql`AND e."offset" > ${filter.after}`,
    ];
    return conditions.reduce<Fragment>(
      (all, one) => (one === undefined ? all : sql`${all} ${one}`),
      sql``,
    );
  }
}

function noDuplicates(): Record<DuplicateCause, number> {
  return { retry: 0, overlap: 0, redelivered: 0 };
}
