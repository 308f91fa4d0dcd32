import { maskedSecret } from "@recado/protocol";
import type { Endpoint } from "../../../store/contract/index.ts";
import type { WebhookView } from "../words/shown-webhook.ts";
import type { WebhookWish } from "../words/wish.ts";
import { shownHeadersOf } from "./documented-endpoint.ts";
import type { KeptWebhook } from "./kept-webhook.ts";

/** The webhook that an endpoint stands for. `reachesUs`: our own webhook at the provider is on. Pure. */
export function viewOfEndpoint(
  endpoint: Endpoint,
  kept: KeptWebhook,
  reachesUs: boolean,
): WebhookView {
  const { url, asProvider } = endpoint;
  const { base64, retries } = kept;
  return {
    url,
    enabled: endpoint.enabled && reachesUs,
    events: kept.events ?? asProvider?.events,
    headers: shownHeadersOf(endpoint),
    byEvents: asProvider?.byEvents === true,
    base64,
    retries,
    hasHmac: asProvider?.hmacKey !== undefined,
  };
}

/** The wish that changes nothing of an endpoint but that it is off; what is secret stands masked in it. Pure. */
export function switchedOff(endpoint: Endpoint, kept: KeptWebhook | undefined): WebhookWish {
  const { events, byEvents, hmacKey } = endpoint.asProvider ?? {};
  return {
    url: endpoint.url,
    enabled: false,
    direct: false,
    events,
    givenEvents: kept?.events,
    headers: shownHeadersOf(endpoint),
    byEvents: byEvents === true,
    base64: kept?.base64 === true,
    retries: kept?.retries,
    hmacKey: hmacKey === undefined ? undefined : maskedSecret,
  };
}
