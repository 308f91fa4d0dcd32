import type { AttemptResource, DeliveryResource, TestOutcome } from "@recado/protocol";
import type { Attempt, Delivery } from "../../store/contract/index.ts";
import { definedOnly, isoOrAbsent } from "../present.ts";

export function presentDelivery(delivery: Delivery): DeliveryResource {
  return definedOnly({
    id: delivery.id,
    endpointId: delivery.endpointId,
    eventId: delivery.eventId,
    eventOffset: delivery.eventOffset,
    eventType: delivery.eventType,
    status: delivery.status,
    attempts: delivery.attempts,
    totalAttempts: delivery.totalAttempts,
    dueAt: delivery.status === "pending" ? isoOrAbsent(delivery.dueAt) : undefined,
    finishedAt: isoOrAbsent(delivery.finishedAt),
    lastError: delivery.lastError,
    lastStatusCode: delivery.lastStatusCode,
    createdAt: new Date(delivery.createdAt).toISOString(),
  });
}

/** How a request to an endpoint went. */
export function presentOutcome(attempt: Omit<Attempt, "number">): TestOutcome {
  const {
    outcome,
    startedAt,
    durationMs,
    statusCode,
    errorCode,
    errorMessage,
    remoteAddress,
    timings,
    responseBody,
    responseTruncated,
  } = attempt;
  return definedOnly({
    outcome,
    startedAt: new Date(startedAt).toISOString(),
    durationMs,
    statusCode,
    errorCode,
    errorMessage,
    remoteAddress,
    timings: timings && { ...timings },
    responseBody,
    responseTruncated,
  });
}

export function presentAttempt(attempt: Attempt): AttemptResource {
  return { number: attempt.number, ...presentOutcome(attempt) };
}
