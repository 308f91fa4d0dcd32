import type { DelivererStats } from "../deliver/index.ts";
import type { FanoutStats } from "../fanout/index.ts";
import type { IngestCounters } from "../ingest/index.ts";

/** Numbers of the whole process since its start, for an operator. */
export function runtimeStats(
  ingest: IngestCounters,
  sockets: FanoutStats,
  deliveries: DelivererStats,
): Record<string, number> {
  const refused = Object.values(ingest.refused).reduce((sum, value) => sum + value, 0);
  return {
    webhooksAccepted: ingest.accepted,
    webhooksRefused: refused,
    webhooksCoalesced: ingest.notStored.coalesced,
    webhooksShed: ingest.notStored.shed,
    eventsStored: ingest.events,
    eventsUnrecognised: ingest.unrecognised,
    connectedClients: sockets.connectedClients,
    socketsClosedTooSlow: sockets.closedTooSlow,
    deliveriesInFlight: deliveries.inFlight,
    deliveriesQueued: deliveries.queued,
  };
}
