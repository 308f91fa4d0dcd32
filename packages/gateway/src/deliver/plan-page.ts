import type { Endpoint, NewDelivery, StoredEvent } from "../store/contract/index.ts";
import { orderingKeyOf, wantsEvent } from "./endpoint-policy.ts";

/** One page of the log turned into deliveries. */
export interface PlannedPage {
  /** Offset of the page's last event. */
  readonly to: number;
  /** Body of the last planned delivery, of this page or an earlier one. */
  readonly lastBodyId?: number;
  readonly deliveries: readonly NewDelivery[];
}

export interface PageQuestion {
  readonly endpoint: Endpoint;
  /** In log order, not empty. */
  readonly events: readonly StoredEvent[];
  readonly lastBodyId: number | undefined;
  /** Bodies that the provider would not have sent to this endpoint's address. */
  readonly unwantedBodies?: ReadonlySet<number>;
  readonly now: number;
  nextId(): string;
}

/**
 * Decides which events of a page become deliveries. In the provider's format a body goes out once, with
 * its first wanted event: events of one body stand side by side in the log.
 */
export function planPage(question: PageQuestion): PlannedPage {
  const { endpoint, events, unwantedBodies, now, nextId } = question;
  let { lastBodyId } = question;
  const deliveries: NewDelivery[] = [];
  for (const event of events) {
    if (!wantsEvent(endpoint, event)) continue;
    if (endpoint.format === "provider" && event.bodyId === lastBodyId) continue;
    if (event.bodyId !== undefined && unwantedBodies?.has(event.bodyId)) continue;
    const orderingKey = orderingKeyOf(endpoint, event);
    deliveries.push({
      id: nextId(),
      eventId: event.id,
      eventOffset: event.offset,
      eventType: event.type,
      ...(event.bodyId === undefined ? {} : { bodyId: event.bodyId }),
      ...(orderingKey === undefined ? {} : { orderingKey }),
      createdAt: now,
    });
    lastBodyId = event.bodyId ?? lastBodyId;
  }
  const to = events.at(-1)?.offset;
  if (to === undefined) throw new Error("a page to plan has events");
  return { to, ...(lastBodyId === undefined ? {} : { lastBodyId }), deliveries };
}
