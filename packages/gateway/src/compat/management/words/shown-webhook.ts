import { maskedSecret, type ProviderName } from "@recado/protocol";
import { maskHeaders } from "../../../api/endpoints/header-mask.ts";
import { evolutionEventList, wahaEventList } from "./event-lists.ts";

/** A webhook before it is written in the documented form of its provider. */
export interface WebhookView {
  readonly url: string;
  readonly enabled: boolean;
  /** Undefined: all. */
  readonly events: readonly string[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly byEvents: boolean;
  readonly base64: boolean;
  readonly retries?: unknown;
  readonly hasHmac: boolean;
}

export interface EvolutionShown {
  readonly url: string;
  readonly enabled: boolean;
  readonly webhookByEvents: boolean;
  readonly webhookBase64: boolean;
  readonly events: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

export interface WahaShown {
  readonly url: string;
  readonly enabled: boolean;
  readonly events: readonly string[];
  readonly retries: unknown;
  readonly hmac: { readonly key: string } | null;
  readonly customHeaders: readonly { readonly name: string; readonly value: string }[];
  readonly headers: Readonly<Record<string, string>>;
}

export type ShownWebhook = EvolutionShown | WahaShown;

/** Repeats of WAHA when a documented configuration names none. */
const documentedRetries = 3;
/** WAHA's own star leaves these out. */
const notInStar: ReadonlySet<string> = new Set(["state.changed", "engine.event"]);

const everyEvent: Readonly<Record<ProviderName, readonly string[]>> = {
  evolution: evolutionEventList.map(({ name }) => name),
  waha: wahaEventList.map(({ name }) => name).filter((name) => !notInStar.has(name)),
};

/** The documented form of a webhook. Keys are masked, and header values that look like keys. Pure. */
export function showWebhook(provider: ProviderName, view: WebhookView): ShownWebhook {
  const { url, enabled } = view;
  const events = view.events ?? everyEvent[provider];
  const headers = maskHeaders(view.headers);
  if (provider === "evolution") {
    const { byEvents: webhookByEvents, base64: webhookBase64 } = view;
    return { url, enabled, webhookByEvents, webhookBase64, events, headers };
  }
  return {
    url,
    enabled,
    events,
    retries: view.retries ?? documentedRetries,
    hmac: view.hasHmac ? { key: maskedSecret } : null,
    customHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })),
    headers,
  };
}
