import type { JsonObject } from "../../../contract.ts";
import { isObject, objectOf, textOf, wordOf } from "../../wire.ts";
import {
  wahaKeptSecret,
  wahaDefaultRetries,
  type WahaRetries,
  type WahaRetryPolicy,
  type WahaWebhookEntry,
} from "./webhook-config.ts";

/**
 * The list of webhooks inside a session's configuration.
 *
 * WAHA has no route for one webhook: `PUT /api/sessions/{name}` replaces the whole configuration, the
 * webhooks of others and every setting included, and wipes what is left out (recorded). So each change
 * takes the configuration as it is and gives it back whole.
 *
 * I1 Members and webhooks that are not ours come back as they were, in their order.
 * I2 Nothing here is changed in place.
 * Proven by `webhook-list.test.ts`.
 */

/** Tells one's own webhooks in a list by their address. */
export type OwnsWahaUrl = (url: string) => boolean;

/** A webhook as a session has it, without its keys; `********` stands in their place. */
export interface WahaWebhook {
  /** May hold a token: show it only to those who may write. */
  readonly url: string;
  /** A webhook in WAHA's list is on. */
  readonly enabled: boolean;
  readonly events: readonly string[];
  readonly retries: WahaRetries;
  readonly hmac: { readonly key: string } | null;
  readonly customHeaders: readonly { readonly name: string; readonly value: string }[];
  /** The same headers as an object. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The parts of a webhook in which it can differ. */
export const webhookParts = ["url", "events", "hmac", "retries", "customHeaders"] as const;
export type WahaWebhookPart = (typeof webhookParts)[number];

function listOf(config: unknown): readonly unknown[] {
  const list = isObject(config) ? config["webhooks"] : undefined;
  return Array.isArray(list) ? list : [];
}

/**
 * The configuration inside a session's answer; empty where the session has none. Undefined for what is no
 * session, and for a configuration or a list of webhooks of an unknown form: whatever were written back
 * over it would wipe what it holds.
 */
export function readConfig(session: unknown): JsonObject | undefined {
  if (!isObject(session) || wordOf(session["name"]) === undefined) return undefined;
  const config = session["config"] ?? {};
  if (!isObject(config)) return undefined;
  return Array.isArray(config["webhooks"] ?? []) ? config : undefined;
}

/** Entries of `config.webhooks` that are objects; of anything else none. */
export function webhooksIn(config: unknown): readonly JsonObject[] {
  return listOf(config).filter(isObject);
}

/** The first webhook that `owns` says yes to. */
export function findWebhook(config: unknown, owns: OwnsWahaUrl): JsonObject | undefined {
  return webhooksIn(config).find((entry) => owns(urlOf(entry)));
}

export function urlOf(entry: JsonObject): string {
  return textOf(entry["url"]) ?? "";
}

/** `config` with `entry` in the place of our first webhook, or at the end; our others are taken out. */
export function withWahaWebhook(
  config: JsonObject | null | undefined,
  entry: WahaWebhookEntry,
  owns: OwnsWahaUrl,
): JsonObject {
  const list = listOf(config);
  const isOurs = (webhook: unknown): boolean =>
    isObject(webhook) && (owns(urlOf(webhook)) || urlOf(webhook) === entry.url);
  const at = list.findIndex(isOurs);
  const before = objectOf(list[at]);
  // What a later version may add to a webhook stays.
  const unknown = Object.entries(before).filter(
    ([name]) => !(webhookParts as readonly string[]).includes(name),
  );
  const ours = { ...Object.fromEntries(unknown), ...entry };
  const webhooks =
    at < 0
      ? [...list, ours]
      : list.flatMap((webhook, index) => {
          if (index === at) return [ours];
          return isOurs(webhook) ? [] : [webhook];
        });
  return { ...config, webhooks };
}

/** `config` without our webhooks. */
export function withoutWahaWebhook(
  config: JsonObject | null | undefined,
  owns: OwnsWahaUrl,
): JsonObject {
  const webhooks = listOf(config).filter((webhook) => !isObject(webhook) || !owns(urlOf(webhook)));
  return { ...config, webhooks };
}

function retriesOf(entry: JsonObject): WahaRetries {
  const given = objectOf(entry["retries"]);
  const policy = textOf(given["policy"]) ?? wahaDefaultRetries.policy;
  const number = (name: "delaySeconds" | "attempts"): number =>
    typeof given[name] === "number" ? given[name] : wahaDefaultRetries[name];
  return {
    policy: policy as WahaRetryPolicy,
    delaySeconds: number("delaySeconds"),
    attempts: number("attempts"),
  };
}

function keyOf(entry: JsonObject): string | undefined {
  return textOf(objectOf(entry["hmac"])["key"]);
}

function headersOf(entry: JsonObject): readonly { name: string; value: string }[] {
  const list = entry["customHeaders"];
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).flatMap((header) => {
    const name = textOf(header["name"]);
    return name === undefined ? [] : [{ name, value: wordOf(header["value"]) ?? "" }];
  });
}

function eventsOf(entry: JsonObject): readonly string[] {
  const events = entry["events"];
  return Array.isArray(events) ? events.filter((name) => typeof name === "string") : [];
}

/** What may be shown of a webhook. */
export function viewOfWahaWebhook(entry: JsonObject): WahaWebhook {
  const customHeaders = headersOf(entry).map(({ name }) => ({ name, value: wahaKeptSecret }));
  return {
    url: urlOf(entry),
    enabled: true,
    events: eventsOf(entry),
    retries: retriesOf(entry),
    hmac: keyOf(entry) === undefined ? null : { key: wahaKeptSecret },
    customHeaders,
    headers: Object.fromEntries(customHeaders.map(({ name, value }) => [name, value])),
  };
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const set = new Set(left);
  return set.size === new Set(right).size && right.every((name) => set.has(name));
}

function headerLines(entry: JsonObject): readonly string[] {
  return headersOf(entry).map(({ name, value }) => `${name.toLowerCase()}:${value}`);
}

/**
 * In what a stored webhook differs from the wanted one; empty: in nothing. Left-out retries are WAHA's
 * default, and neither the order of events nor that of headers counts.
 */
export function wahaWebhookDifferences(
  stored: JsonObject,
  wanted: WahaWebhookEntry,
): readonly WahaWebhookPart[] {
  const entry = wanted as unknown as JsonObject;
  const [is, should] = [retriesOf(stored), wanted.retries];
  const same: Readonly<Record<WahaWebhookPart, boolean>> = {
    url: urlOf(stored) === wanted.url,
    events: isSameSet(eventsOf(stored), wanted.events),
    hmac: keyOf(stored) === keyOf(entry),
    retries:
      is.policy === should.policy &&
      is.delaySeconds === should.delaySeconds &&
      is.attempts === should.attempts,
    customHeaders: isSameSet(headerLines(stored), headerLines(entry)),
  };
  return webhookParts.filter((part) => !same[part]);
}

function originOf(url: string): string | undefined {
  return URL.parse(url)?.origin;
}

/**
 * `wanted` with the stored secrets where it has `********`; undefined when one of them is not stored.
 * Only a webhook at the same server lends its secrets: another server would learn them.
 */
export function withKeptSecrets(
  wanted: WahaWebhookEntry,
  stored: JsonObject | undefined,
): WahaWebhookEntry | undefined {
  const isSamePlace = stored !== undefined && originOf(urlOf(stored)) === originOf(wanted.url);
  const from = isSamePlace ? stored : {};
  const key = wanted.hmac?.key === wahaKeptSecret ? keyOf(from) : wanted.hmac?.key;
  if (wanted.hmac !== undefined && key === undefined) return undefined;
  const storedHeaders = headersOf(from);
  const customHeaders: { name: string; value: string }[] = [];
  for (const { name, value } of wanted.customHeaders ?? []) {
    const before = storedHeaders.find((header) => header.name.toLowerCase() === name.toLowerCase());
    if (value === wahaKeptSecret && before === undefined) return undefined;
    customHeaders.push({ name, value: value === wahaKeptSecret ? (before?.value ?? "") : value });
  }
  const { hmac: _hmac, customHeaders: _headers, ...rest } = wanted;
  return {
    ...rest,
    ...(key === undefined ? {} : { hmac: { key } }),
    ...(customHeaders.length === 0 ? {} : { customHeaders }),
  };
}

/** Too short to be a secret; cutting it out of an error would leave nothing readable. */
const shortestSecret = 4;

/** Every text of a configuration that an error must not show: keys, headers, addresses with tokens. */
export function secretsIn(config: unknown): readonly string[] {
  return webhooksIn(config)
    .flatMap((entry) => [
      urlOf(entry),
      keyOf(entry) ?? "",
      ...headersOf(entry).map(({ value }) => value),
    ])
    .filter((text) => text.length >= shortestSecret);
}
