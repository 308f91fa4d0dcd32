import { evolutionConfigNames } from "../evolution-event-names.ts";
import type { EvolutionWebhook } from "../evolution-webhook.ts";
import { complaintsAbout, isObject, type Schema } from "./complaints.ts";

/** A stored webhook as `/webhook/set` and `/webhook/find` answer it (recorded; the body's names differ). */
export interface WebhookRow extends Required<EvolutionWebhook> {
  readonly id: string;
  readonly webhookBase64: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly instanceId: string;
}

/** What a call did with a row. */
export type SetResult<Row> =
  | { readonly kind: "stored"; readonly row: Row }
  /** One list of complaints: the schema's answer is an array inside an array. */
  | { readonly kind: "invalid"; readonly complaints: readonly string[] }
  /** The server's own mistake, in its engine's words. */
  | { readonly kind: "crashed"; readonly message: string };

/** Who a row belongs to and when it is written. `id` is used only for a first row. */
export interface Fresh {
  readonly id: string;
  readonly instanceId: string;
  /** ISO 8601. */
  readonly now: string;
  /** The event names that the server knows. Default: those of 2.3. */
  readonly names?: readonly string[];
}

/** What reading the length of an absent list throws. */
export const noLength = "Cannot read properties of undefined (reading 'length')";

const webhookSchema = (names: readonly string[]): Schema => ({
  fields: [
    { name: "enabled", type: "boolean" },
    { name: "url", type: "string" },
    { name: "headers", type: "object" },
    { name: "byEvents", type: "boolean" },
    { name: "base64", type: "boolean" },
    { name: "events", type: "array", oneOf: names },
  ],
  required: ["enabled", "url"],
  notEmptyAlone: ["enabled", "url"],
});

/** The members of a webhook that passed the schema, or that creation takes without looking. */
export interface WebhookMembers {
  readonly enabled: boolean;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly byEvents?: boolean;
  readonly base64?: boolean;
  readonly events?: readonly string[];
}

/**
 * Writes a row over the one before: absent optional members keep their old value, an empty list of events
 * means all, switching off empties it. An enabled webhook without a list crashes the server.
 */
export function writeWebhook(
  { enabled, url, headers, byEvents, base64, events }: WebhookMembers,
  previous: WebhookRow | undefined,
  fresh: Fresh,
): SetResult<WebhookRow> {
  if (enabled && events === undefined) return { kind: "crashed", message: noLength };
  const all = fresh.names ?? evolutionConfigNames;
  const wanted = events === undefined || events.length === 0 ? all : events;
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

/** What `POST /webhook/set` of 2.3 does with a body, given the row before it. Unknown members are ignored. */
export function setWebhook(
  body: unknown,
  previous: WebhookRow | undefined,
  fresh: Fresh,
): SetResult<WebhookRow> {
  if (!isObject(body) || !("webhook" in body))
    return { kind: "invalid", complaints: ['instance requires property "webhook"'] };
  const { webhook } = body;
  if (!isObject(webhook))
    return { kind: "invalid", complaints: ["webhook is not of a type(s) object"] };
  const complaints = complaintsAbout(
    webhook,
    webhookSchema(fresh.names ?? evolutionConfigNames),
    "webhook",
  );
  if (complaints.length > 0) return { kind: "invalid", complaints };
  return writeWebhook(webhook as unknown as WebhookMembers, previous, fresh);
}
