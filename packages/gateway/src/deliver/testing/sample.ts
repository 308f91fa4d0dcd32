import type { Delivery, Endpoint, StoredEvent } from "../../store/contract/index.ts";

/** An endpoint that wants everything, changed where a test needs it. */
export function sampleEndpoint(change: Partial<Endpoint> = {}): Endpoint {
  return {
    id: "ep_1",
    tenantId: "t1",
    url: "https://hooks.example/in",
    format: "recado",
    ordering: "chat",
    headers: {},
    secrets: [],
    enabled: true,
    allowPrivate: false,
    createdAt: 0,
    ...change,
  };
}

/** A stored event at `offset`. */
export function sampleEvent(offset: number, change: Partial<StoredEvent> = {}): StoredEvent {
  return {
    tenantId: "t1",
    offset,
    id: `evt_${offset}`,
    type: "message.received",
    instanceId: "in_1",
    chatId: "5511@s.whatsapp.net",
    bodyId: offset,
    index: 0,
    receivedAt: 0,
    json: `{"offset":${offset},"id":"evt_${offset}","data":{}}`,
    ...change,
  };
}

/** A delivery that waits for its first attempt. */
export function sampleDelivery(offset: number, change: Partial<Delivery> = {}): Delivery {
  return {
    id: `dlv_${offset}`,
    endpointId: "ep_1",
    eventId: `evt_${offset}`,
    eventOffset: offset,
    eventType: "message.received",
    createdAt: 0,
    status: "pending",
    attempts: 0,
    totalAttempts: 0,
    dueAt: 0,
    ...change,
  };
}
