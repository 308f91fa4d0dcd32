import { evolutionConfigNames } from "./evolution-event-names.ts";
import type { EvolutionWebhook } from "./evolution-webhook.ts";

/** A stored webhook as `/webhook/set` and `/webhook/find` answer it (recorded; the body's names differ). */
export interface WebhookRow extends Required<EvolutionWebhook> {
  readonly id: string;
  readonly webhookBase64: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly instanceId: string;
}

export type WebhookSetResult =
  | { readonly kind: "stored"; readonly row: WebhookRow }
  /** One list of complaints: the schema's answer is an array inside an array. */
  | { readonly kind: "invalid"; readonly complaints: readonly string[] }
  | { readonly kind: "crashed"; readonly message: string };

type Members = { readonly [name: string]: unknown };

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON schema's checks, in its order and words. */
function complaintsAbout(webhook: Members): string[] {
  const found: string[] = [];
  const types: [name: string, word: string, fits: (value: unknown) => boolean][] = [
    ["enabled", "boolean", (value) => typeof value === "boolean"],
    ["url", "string", (value) => typeof value === "string"],
    ["headers", "object", isObject],
    ["byEvents", "boolean", (value) => typeof value === "boolean"],
    ["base64", "boolean", (value) => typeof value === "boolean"],
    ["events", "array", Array.isArray],
  ];
  for (const [name, word, fits] of types) {
    if (name in webhook && !fits(webhook[name]))
      found.push(`webhook.${name} is not of a type(s) ${word}`);
  }
  const events = Array.isArray(webhook["events"]) ? (webhook["events"] as unknown[]) : [];
  events.forEach((event, index) => {
    if ((evolutionConfigNames as readonly unknown[]).includes(event)) return;
    found.push(
      `webhook.events[${index}] is not one of enum values: ${evolutionConfigNames.join(",")}`,
    );
  });
  for (const name of ["enabled", "url"]) {
    if (!(name in webhook)) found.push(`webhook requires property "${name}"`);
  }
  const onlyEssentials = Object.keys(webhook).every((name) => name === "enabled" || name === "url");
  if (webhook["url"] === "" && onlyEssentials) found.push('The "url" cannot be empty');
  return found;
}

/**
 * What `POST /webhook/set` of 2.3 does with a body, given the row before it: absent optional members keep
 * their old value, unknown ones are ignored, an empty list of events means all, switching off empties it.
 */
export function setWebhook(
  body: unknown,
  previous: WebhookRow | undefined,
  fresh: { readonly id: string; readonly instanceId: string; readonly now: string },
): WebhookSetResult {
  const webhook = isObject(body) ? body["webhook"] : undefined;
  if (!isObject(webhook))
    return { kind: "invalid", complaints: ['instance requires property "webhook"'] };
  const complaints = complaintsAbout(webhook);
  if (complaints.length > 0) return { kind: "invalid", complaints };
  const { enabled, url, headers, byEvents, base64, events } = webhook as {
    readonly enabled: boolean;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly byEvents?: boolean;
    readonly base64?: boolean;
    readonly events?: readonly string[];
  };
  if (enabled && events === undefined) {
    return { kind: "crashed", message: "Cannot read properties of undefined (reading 'length')" };
  }
  const wanted = events === undefined || events.length === 0 ? evolutionConfigNames : events;
  const row: WebhookRow = {
    id: previous?.id ?? fresh.id,
    url,
    headers: headers ?? previous?.headers ?? null,
    enabled,
    events: enabled ? wanted : [],
    webhookByEvents: byEvents ?? previous?.webhookByEvents ?? false,
    webhookBase64: base64 ?? previous?.webhookBase64 ?? false,
    createdAt: previous?.createdAt ?? fresh.now,
    updatedAt: fresh.now,
    instanceId: fresh.instanceId,
  };
  return { kind: "stored", row };
}
