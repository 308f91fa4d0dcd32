import { deliveryStatuses, type DeliveryStatus } from "@recado/protocol";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Attempt, Delivery, DeliveryFilter, EndpointCursor } from "../../contract/index.ts";
import { delivery, deliveryColumns, type DeliveryRow } from "./delivery-row.ts";

const ofTenant = "(SELECT number FROM log_tenants WHERE tenant_id = ?)";

/** Reads of deliveries. Each takes the tenant's id and finds its rows through it. */
export class DeliveryReads {
  readonly #db: DatabaseSync;
  readonly #cursor: StatementSync;
  readonly #pending: StatementSync;
  readonly #byId: StatementSync;
  readonly #sequence: StatementSync;
  readonly #attempts: StatementSync;
  readonly #counts: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#cursor = db.prepare(
      `SELECT "offset", last_body FROM delivery_cursors WHERE tenant = ${ofTenant} AND endpoint = ?`,
    );
    this.#pending = db.prepare(
      `SELECT ${deliveryColumns} FROM deliveries d INDEXED BY deliveries_pending
       WHERE d.status = 'pending' AND d.tenant = ${ofTenant} AND d.endpoint = ? ORDER BY d.event_offset, d.sequence LIMIT ?`,
    );
    this.#byId = db.prepare(
      `SELECT ${deliveryColumns} FROM deliveries d WHERE d.id = ? AND +d.tenant = ${ofTenant}`,
    );
    this.#sequence = db.prepare(
      `SELECT sequence FROM deliveries WHERE id = ? AND +tenant = ${ofTenant}`,
    );
    this.#attempts = db.prepare(
      `SELECT a.number, a.detail FROM deliveries d JOIN attempts a ON a.delivery = d.sequence
       WHERE d.id = ? AND +d.tenant = ${ofTenant} ORDER BY a.number`,
    );
    this.#counts = db.prepare(
      `SELECT status, sum(count) AS count FROM delivery_counts
       WHERE tenant = ${ofTenant} AND (?2 IS NULL OR endpoint = ?2) GROUP BY status`,
    );
  }

  cursor(tenantId: string, endpointId: string): EndpointCursor | undefined {
    const row = this.#cursor.get(tenantId, endpointId) as
      | { offset: number; last_body: number | null }
      | undefined;
    return (
      row && {
        offset: row.offset,
        ...(row.last_body !== null ? { lastBodyId: row.last_body } : {}),
      }
    );
  }

  pending(tenantId: string, endpointId: string, limit: number): readonly Delivery[] {
    return (
      this.#pending.all(tenantId, endpointId, limit) as unknown as readonly DeliveryRow[]
    ).map(delivery);
  }

  byId(tenantId: string, deliveryId: string): Delivery | undefined {
    const row = this.#byId.get(deliveryId, tenantId) as unknown as DeliveryRow | undefined;
    return row && delivery(row);
  }

  list(tenantId: string, filter: DeliveryFilter): readonly Delivery[] {
    const before = this.#before(tenantId, filter.beforeId);
    const one =
      filter.eventId === undefined
        ? undefined
        : this.#ofEvent(tenantId, filter.eventId, filter, before);
    if (one) return one;
    // Each status is one walk along an index in order of creation; what differs is which walks to merge.
    const statuses = filter.status ? [filter.status] : deliveryStatuses;
    const index =
      filter.endpointId === undefined ? "deliveries_by_status" : "deliveries_by_endpoint";
    const walks = statuses.map(
      (
        status,
      ) => `SELECT * FROM (SELECT d.sequence, ${deliveryColumns} FROM deliveries d INDEXED BY ${index}
        WHERE d.tenant = ${ofTenant.replace("?", "?1")} AND d.status = '${status}' AND d.sequence < ?2
          ${filter.endpointId === undefined ? "" : "AND d.endpoint = ?4"} ORDER BY d.sequence DESC LIMIT ?3)`,
    );
    const parameters: SQLInputValue[] = [tenantId, before, filter.limit];
    if (filter.endpointId !== undefined) parameters.push(filter.endpointId);
    return this.#rows(`${walks.join(" UNION ALL ")} ORDER BY sequence DESC LIMIT ?3`, parameters);
  }

  attempts(tenantId: string, deliveryId: string): readonly Attempt[] {
    const rows = this.#attempts.all(deliveryId, tenantId) as unknown as readonly {
      number: number;
      detail: string;
    }[];
    return rows.map((row) => ({
      number: row.number,
      ...(JSON.parse(row.detail) as Omit<Attempt, "number">),
    }));
  }

  counts(
    tenantId: string,
    endpointId: string | undefined,
  ): Readonly<Record<DeliveryStatus, number>> {
    const counts = { pending: 0, succeeded: 0, failed: 0, cancelled: 0 };
    for (const row of this.#counts.all(tenantId, endpointId ?? null)) {
      counts[row["status"] as DeliveryStatus] = Number(row["count"]);
    }
    return counts;
  }

  /** An event has few deliveries: all of them are read, whatever else is asked for. */
  #ofEvent(
    tenantId: string,
    eventId: string,
    filter: DeliveryFilter,
    before: number,
  ): readonly Delivery[] {
    return this.#rows(
      `SELECT ${deliveryColumns} FROM deliveries d INDEXED BY deliveries_by_event
       WHERE d.event_id = ? AND d.tenant = ${ofTenant} AND d.sequence < ?
         AND (?4 IS NULL OR d.endpoint = ?4) AND (?5 IS NULL OR d.status = ?5) ORDER BY d.sequence DESC LIMIT ?6`,
      [eventId, tenantId, before, filter.endpointId ?? null, filter.status ?? null, filter.limit],
    );
  }

  #rows(sql: string, parameters: readonly SQLInputValue[]): readonly Delivery[] {
    return (this.#db.prepare(sql).all(...parameters) as unknown as readonly DeliveryRow[]).map(
      delivery,
    );
  }

  /** Everything before the delivery; nothing when it is gone, since retention takes the older ones first. */
  #before(tenantId: string, deliveryId: string | undefined): number {
    if (deliveryId === undefined) return Number.MAX_SAFE_INTEGER;
    return Number(this.#sequence.get(deliveryId, tenantId)?.["sequence"] ?? 0);
  }
}
