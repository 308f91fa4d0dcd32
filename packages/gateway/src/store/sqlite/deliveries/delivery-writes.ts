import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Attempt, DeliveryPlan, NewAttempt, NewDelivery } from "../../contract/index.ts";

const ofTenant = "(SELECT number FROM log_tenants WHERE tenant_id = ?)";

interface DeliveryKey {
  readonly sequence: number;
  readonly total_attempts: number;
}

/** Changes of deliveries; all of it must run inside the writer's transaction. `tenant` is the log's number. */
export class DeliveryWrites {
  readonly #startAt: StatementSync;
  readonly #moveCursor: StatementSync;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #insertAttempt: StatementSync;
  readonly #finishAttempt: StatementSync;
  readonly #resend: StatementSync;
  readonly #forgetCursor: StatementSync;
  readonly #cancel: StatementSync;
  readonly #expiredAttempts: StatementSync;
  readonly #expire: StatementSync;

  constructor(db: DatabaseSync) {
    this.#startAt = db.prepare(
      `INSERT INTO delivery_cursors (tenant, endpoint, "offset") VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET "offset" = excluded."offset", last_body = NULL`,
    );
    this.#moveCursor = db.prepare(
      `UPDATE delivery_cursors SET "offset" = ?, last_body = coalesce(?, last_body)
       WHERE tenant = ${ofTenant} AND endpoint = ? AND "offset" = ?`,
    );
    this.#insert = db.prepare(
      `INSERT INTO deliveries (tenant, endpoint, id, event_id, event_offset, event_type, body, ordering_key, created_at,
         status, attempts, total_attempts, due_at)
       VALUES (${ofTenant}, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, 0, ?)`,
    );
    this.#find = db.prepare(
      `SELECT sequence, total_attempts FROM deliveries WHERE id = ? AND +tenant = ${ofTenant} AND status = 'pending'`,
    );
    this.#insertAttempt = db.prepare(
      "INSERT INTO attempts (delivery, number, detail) VALUES (?, ?, ?)",
    );
    this.#finishAttempt = db.prepare(
      `UPDATE deliveries SET status = ?, attempts = attempts + 1, total_attempts = total_attempts + 1,
         due_at = coalesce(?, due_at), finished_at = ?, last_error = ?, last_status_code = ? WHERE sequence = ?`,
    );
    this.#resend = db.prepare(
      `UPDATE deliveries SET status = 'pending', attempts = 0, due_at = ?, finished_at = NULL
       WHERE id = ? AND +tenant = ${ofTenant}`,
    );
    this.#forgetCursor = db.prepare(
      `DELETE FROM delivery_cursors WHERE tenant = ${ofTenant} AND endpoint = ?`,
    );
    this.#cancel = db.prepare(
      `UPDATE deliveries SET status = 'cancelled', finished_at = ? WHERE sequence IN
         (SELECT sequence FROM deliveries INDEXED BY deliveries_pending
          WHERE status = 'pending' AND tenant = ${ofTenant} AND endpoint = ? LIMIT ?)`,
    );
    const expired = `SELECT sequence FROM deliveries INDEXED BY deliveries_finished
      WHERE status <> 'pending' AND created_at < ? ORDER BY created_at LIMIT ?`;
    this.#expiredAttempts = db.prepare(`DELETE FROM attempts WHERE delivery IN (${expired})`);
    this.#expire = db.prepare(`DELETE FROM deliveries WHERE sequence IN (${expired})`);
  }

  startAt(tenant: number, endpointId: string, offset: number): void {
    this.#startAt.run(tenant, endpointId, offset);
  }

  plan(tenantId: string, plan: DeliveryPlan): boolean {
    const moved = this.#moveCursor.run(
      plan.to,
      plan.lastBodyId ?? null,
      tenantId,
      plan.endpointId,
      plan.from,
    );
    if (moved.changes === 0) return false;
    for (const planned of plan.deliveries) this.#insertOne(tenantId, plan.endpointId, planned);
    return true;
  }

  record(tenantId: string, { deliveryId, attempt, next }: NewAttempt): boolean {
    const row = this.#find.get(deliveryId, tenantId) as unknown as DeliveryKey | undefined;
    if (!row) return false;
    this.#insertAttempt.run(row.sequence, row.total_attempts + 1, JSON.stringify(attempt));
    this.#finishAttempt.run(
      next.status,
      next.status === "pending" ? next.dueAt : null,
      next.status === "pending" ? null : attempt.startedAt + Math.ceil(attempt.durationMs),
      attemptError(attempt),
      attempt.statusCode ?? null,
      row.sequence,
    );
    return true;
  }

  resend(tenantId: string, deliveryId: string, dueAt: number): boolean {
    return this.#resend.run(dueAt, deliveryId, tenantId).changes !== 0;
  }

  forgetCursor(tenantId: string, endpointId: string): void {
    this.#forgetCursor.run(tenantId, endpointId);
  }

  /** Answers how many were cancelled, at most `limit`. */
  cancelSome(tenantId: string, endpointId: string, at: number, limit: number): number {
    return Number(this.#cancel.run(at, tenantId, endpointId, limit).changes);
  }

  expire(before: number, limit: number): number {
    this.#expiredAttempts.run(before, limit);
    return Number(this.#expire.run(before, limit).changes);
  }

  #insertOne(tenantId: string, endpointId: string, planned: NewDelivery): void {
    this.#insert.run(
      tenantId,
      endpointId,
      planned.id,
      planned.eventId,
      planned.eventOffset,
      planned.eventType,
      planned.bodyId ?? null,
      planned.orderingKey ?? null,
      planned.createdAt,
      planned.createdAt,
    );
  }
}

/** What a list shows of a failed attempt; null when it succeeded. */
function attemptError(attempt: Omit<Attempt, "number">): string | null {
  if (attempt.outcome === "succeeded") return null;
  return attempt.errorMessage ?? attempt.errorCode ?? null;
}
