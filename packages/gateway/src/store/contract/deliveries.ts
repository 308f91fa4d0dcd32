import type { DeliveryStatus } from "@recado/protocol";
import type { TenantScope } from "./scope.ts";

/**
 * Outgoing deliveries: which event goes to which endpoint, how far it got, and every attempt.
 *
 * I1 Planning is atomic: an endpoint's cursor moves together with the deliveries it created, so a
 *    crash neither skips an event nor plans it twice.
 * I2 A delivery's attempts and its next state are stored in one commit.
 * I3 Nothing here changes an event.
 * Proven by `store/testing/delivery-store-suite.ts`.
 */
export interface DeliveryStore {
  /** Where the endpoint's planner stands; undefined before `startAt`. */
  cursor(scope: TenantScope, endpointId: string): Promise<EndpointCursor | undefined>;

  /** Sets where a new endpoint begins. */
  startAt(scope: TenantScope, endpointId: string, offset: number): Promise<void>;

  /**
   * Moves the cursor from `from` to `to` and stores the deliveries in between. Answers false, and
   * stores nothing, when the cursor does not stand at `from`.
   */
  plan(scope: TenantScope, plan: DeliveryPlan): Promise<boolean>;

  /** Pending deliveries of one endpoint in event order, at most `limit`. */
  pending(scope: TenantScope, endpointId: string, limit: number): Promise<readonly Delivery[]>;

  /** Stores an attempt and the state it led to. False when the delivery is no longer pending. */
  record(scope: TenantScope, attempt: NewAttempt): Promise<boolean>;

  /** Makes a delivery pending again, due at `dueAt`, with its whole schedule in front of it. False when there is none with this id. */
  resend(scope: TenantScope, deliveryId: string, dueAt: number): Promise<boolean>;

  /** Cancels everything pending of an endpoint and forgets its cursor. */
  cancelEndpoint(scope: TenantScope, endpointId: string, at: number): Promise<void>;

  byId(scope: TenantScope, deliveryId: string): Promise<Delivery | undefined>;
  list(scope: TenantScope, filter: DeliveryFilter): Promise<readonly Delivery[]>;
  attempts(scope: TenantScope, deliveryId: string): Promise<readonly Attempt[]>;

  /** Deliveries by status, of the tenant or of one endpoint. */
  counts(
    scope: TenantScope,
    endpointId?: string,
  ): Promise<Readonly<Record<DeliveryStatus, number>>>;

  /** Deletes finished deliveries (and their attempts) created before `before`, at most `limit` in one commit. */
  expire(before: number, limit: number): Promise<number>;
}

export interface EndpointCursor {
  /** Last offset that was looked at. */
  readonly offset: number;
  /** Body of the last planned delivery: one body goes out once in the provider's format. */
  readonly lastBodyId?: number;
}

export interface NewDelivery {
  readonly id: string;
  readonly eventId: string;
  readonly eventOffset: number;
  readonly eventType: string;
  readonly bodyId?: number;
  /** Deliveries with the same key go out one after the other; absent: no order. */
  readonly orderingKey?: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export interface DeliveryPlan {
  readonly endpointId: string;
  readonly from: number;
  readonly to: number;
  readonly lastBodyId?: number;
  readonly deliveries: readonly NewDelivery[];
}

export interface Delivery extends NewDelivery {
  readonly endpointId: string;
  readonly status: DeliveryStatus;
  /** Attempts made in the current schedule; a resend starts a new one. */
  readonly attempts: number;
  /** Attempts made in all. */
  readonly totalAttempts: number;
  /** Unix milliseconds; when the next attempt is due, while pending. */
  readonly dueAt: number;
  readonly finishedAt?: number;
  readonly lastError?: string;
  readonly lastStatusCode?: number;
}

/** How one attempt ended, as the store keeps it. Times are milliseconds. */
export interface Attempt {
  /** From 1, over all schedules. */
  readonly number: number;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: "succeeded" | "failed";
  readonly statusCode?: number;
  /** Stable word, for example `timeout`, `blocked_address`, `status`. */
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly remoteAddress?: string;
  readonly timings?: {
    readonly dnsMs?: number;
    readonly connectMs?: number;
    readonly firstByteMs?: number;
  };
  /** Beginning of the answer's body, at most 16 KiB. */
  readonly responseBody?: string;
  readonly responseTruncated?: boolean;
}

export interface NewAttempt {
  readonly deliveryId: string;
  readonly attempt: Omit<Attempt, "number">;
  readonly next:
    | { readonly status: "succeeded" | "failed" | "cancelled" }
    | { readonly status: "pending"; readonly dueAt: number };
}

export interface DeliveryFilter {
  readonly endpointId?: string;
  readonly status?: DeliveryStatus;
  readonly eventId?: string;
  /** Only deliveries created before the one with this id: the next page (newest first). */
  readonly beforeId?: string;
  /** 1–1,000. */
  readonly limit: number;
}
