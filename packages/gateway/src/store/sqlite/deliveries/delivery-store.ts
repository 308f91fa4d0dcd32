import type { DeliveryStatus } from "@recado/protocol";
import type { DatabaseSync } from "node:sqlite";
import type {
  Attempt,
  Delivery,
  DeliveryFilter,
  DeliveryPlan,
  DeliveryStore,
  EndpointCursor,
  NewAttempt,
  TenantScope,
} from "../../contract/index.ts";
import type { GroupCommit } from "../group-commit.ts";
import type { LogTenants } from "../log/log-tenants.ts";
import { DeliveryReads } from "./delivery-reads.ts";
import { DeliveryWrites } from "./delivery-writes.ts";

const one = { rows: 1, bytes: 256 };
/** Cancellations in one commit, so that an endpoint with a long queue does not hold up appends. */
const cancelledPerCommit = 500;

/** Deliveries over SQLite; its invariants are those of the contract. */
export class SqliteDeliveryStore implements DeliveryStore {
  readonly #writer: GroupCommit;
  readonly #tenants: LogTenants;
  readonly #reads: DeliveryReads;
  readonly #writes: DeliveryWrites;

  constructor(db: DatabaseSync, writer: GroupCommit, tenants: LogTenants) {
    this.#writer = writer;
    this.#tenants = tenants;
    this.#reads = new DeliveryReads(db);
    this.#writes = new DeliveryWrites(db);
  }

  cursor(scope: TenantScope, endpointId: string): Promise<EndpointCursor | undefined> {
    return this.#writer.read(() => this.#reads.cursor(scope.tenantId, endpointId));
  }

  startAt(scope: TenantScope, endpointId: string, offset: number): Promise<void> {
    return this.#writer.write(one, () =>
      this.#writes.startAt(this.#tenants.forWriting(scope.tenantId).number, endpointId, offset),
    );
  }

  plan(scope: TenantScope, plan: DeliveryPlan): Promise<boolean> {
    const rows = plan.deliveries.length + 1;
    return this.#writer.write({ rows, bytes: rows * one.bytes }, () =>
      this.#writes.plan(scope.tenantId, plan),
    );
  }

  pending(scope: TenantScope, endpointId: string, limit: number): Promise<readonly Delivery[]> {
    return this.#writer.read(() => this.#reads.pending(scope.tenantId, endpointId, limit));
  }

  record(scope: TenantScope, attempt: NewAttempt): Promise<boolean> {
    const bytes = one.bytes + (attempt.attempt.responseBody?.length ?? 0);
    return this.#writer.write({ rows: 2, bytes }, () =>
      this.#writes.record(scope.tenantId, attempt),
    );
  }

  resend(scope: TenantScope, deliveryId: string, dueAt: number): Promise<boolean> {
    return this.#writer.write(one, () => this.#writes.resend(scope.tenantId, deliveryId, dueAt));
  }

  async cancelEndpoint(scope: TenantScope, endpointId: string, at: number): Promise<void> {
    const cost = { rows: cancelledPerCommit, bytes: 0 };
    let cancelled = cancelledPerCommit;
    while (cancelled === cancelledPerCommit) {
      cancelled = await this.#writer.write(cost, () => {
        this.#writes.forgetCursor(scope.tenantId, endpointId);
        return this.#writes.cancelSome(scope.tenantId, endpointId, at, cancelledPerCommit);
      });
    }
  }

  byId(scope: TenantScope, deliveryId: string): Promise<Delivery | undefined> {
    return this.#writer.read(() => this.#reads.byId(scope.tenantId, deliveryId));
  }

  list(scope: TenantScope, filter: DeliveryFilter): Promise<readonly Delivery[]> {
    return this.#writer.read(() => this.#reads.list(scope.tenantId, filter));
  }

  attempts(scope: TenantScope, deliveryId: string): Promise<readonly Attempt[]> {
    return this.#writer.read(() => this.#reads.attempts(scope.tenantId, deliveryId));
  }

  counts(
    scope: TenantScope,
    endpointId?: string,
  ): Promise<Readonly<Record<DeliveryStatus, number>>> {
    return this.#writer.read(() => this.#reads.counts(scope.tenantId, endpointId));
  }

  expire(before: number, limit: number): Promise<number> {
    return this.#writer.write({ rows: limit, bytes: 0 }, () => this.#writes.expire(before, limit));
  }
}
