import type { DeliveryStatus } from "@recado/protocol";
import type { Delivery } from "../../contract/index.ts";

export const deliveryColumns = `d.id, d.endpoint, d.event_id, d.event_offset, d.event_type, d.body, d.ordering_key, d.created_at,
  d.status, d.attempts, d.total_attempts, d.due_at, d.finished_at, d.last_error, d.last_status_code`;

/** A row of {@link deliveryColumns}. */
export interface DeliveryRow {
  readonly id: string;
  readonly endpoint: string;
  readonly event_id: string;
  readonly event_offset: number;
  readonly event_type: string;
  readonly body: number | null;
  readonly ordering_key: string | null;
  readonly created_at: number;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly total_attempts: number;
  readonly due_at: number;
  readonly finished_at: number | null;
  readonly last_error: string | null;
  readonly last_status_code: number | null;
}

export function delivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    endpointId: row.endpoint,
    eventId: row.event_id,
    eventOffset: row.event_offset,
    eventType: row.event_type,
    ...(row.body !== null ? { bodyId: row.body } : {}),
    ...(row.ordering_key !== null ? { orderingKey: row.ordering_key } : {}),
    createdAt: row.created_at,
    status: row.status,
    attempts: row.attempts,
    totalAttempts: row.total_attempts,
    dueAt: row.due_at,
    ...(row.finished_at !== null ? { finishedAt: row.finished_at } : {}),
    ...(row.last_error !== null ? { lastError: row.last_error } : {}),
    ...(row.last_status_code !== null ? { lastStatusCode: row.last_status_code } : {}),
  };
}
