import { describe, expect, it } from "vitest";
import type { JsonObject, Provider } from "./contract.ts";
import { evolution } from "./evolution/index.ts";
import { loadFixtures } from "./testing/fixtures.ts";
import { summaryOf } from "./testing/expectation.ts";
import { contextFor, isObject } from "./testing/provider-suite.ts";
import { waha } from "./waha/index.ts";

/**
 * The same fact in another spelling is the same fact: every recorded body is rewritten in ways that
 * versions, channels and transports are known to differ, and must still say the same.
 */

type Rewrite = (value: unknown, name: string) => unknown;

/** Rewrites every value inside a JSON value, innermost first. */
function rewritten(value: unknown, rewrite: Rewrite, name = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => rewritten(entry, rewrite, name));
  if (!isObject(value)) return rewrite(value, name);
  const entries = Object.entries(value).map(([key, entry]) => [
    key,
    rewritten(entry, rewrite, key),
  ]);
  return rewrite(Object.fromEntries(entries), name);
}

const timeNames =
  /^(?:messageTimestamp|timestamp|timestampMs|datetime|t|date|disconnectionAt|senderTimestampMs)$/;
const uint32 = 2 ** 32;

function isTime(value: unknown, name: string): value is number {
  return (
    typeof value === "number" && Number.isSafeInteger(value) && timeNames.test(name) && value > 1e9
  );
}

/** Bytes as the webhook writes them. */
function isIndexed(value: unknown): value is JsonObject {
  const keys = isObject(value) ? Object.keys(value) : [];
  return keys.length > 1 && keys.every((key, index) => key === String(index));
}

/** A message with a content of its own; a change of another message is never wrapped so. */
function isContent(value: unknown, name: string): boolean {
  if (!/^message$/i.test(name) || !isObject(value)) return false;
  const names = Object.keys(value);
  return (
    names.some((key) => /message$|^conversation$/i.test(key)) &&
    !names.some((key) => /^(?:protocolMessage|editedMessage)$/i.test(key))
  );
}

function withoutDelivery(body: JsonObject): JsonObject {
  const { destination, apikey, environment, ...rest } = body;
  void [destination, environment];
  return { ...rest, ...(rest["instance"] === undefined ? {} : { apikey: apikey ?? null }) };
}

const rewrites: readonly (readonly [string, Rewrite])[] = [
  [
    "members in another order",
    (value) => (isObject(value) ? Object.fromEntries(Object.entries(value).toReversed()) : value),
  ],
  ["times as text", (value, name) => (isTime(value, name) ? String(value) : value)],
  [
    "times as Long objects",
    (value, name) =>
      isTime(value, name)
        ? { low: (value % uint32) | 0, high: Math.floor(value / uint32), unsigned: true }
        : value,
  ],
  [
    "phones at the old server",
    (value) => (typeof value === "string" ? value.replaceAll("@s.whatsapp.net", "@c.us") : value),
  ],
  [
    "phones at the new server",
    (value) => (typeof value === "string" ? value.replaceAll("@c.us", "@s.whatsapp.net") : value),
  ],
  [
    "people with a device",
    (value) =>
      typeof value === "string"
        ? value.replaceAll(/(?<=\b\d{8,20})(?=@(?:s\.whatsapp\.net|c\.us|lid)\b)/g, ":7")
        : value,
  ],
  [
    "the event in upper case",
    (value, name) =>
      name === "event" && typeof value === "string"
        ? value.toUpperCase().replaceAll(/[.-]/g, "_")
        : value,
  ],
  [
    "the event as in an address",
    (value, name) =>
      name === "event" && typeof value === "string" ? value.replaceAll(/[._]/g, "-") : value,
  ],
  [
    "directions as text",
    (value, name) => (name === "fromMe" && typeof value === "boolean" ? String(value) : value),
  ],
  [
    "bytes as Buffers",
    (value) => (isIndexed(value) ? { type: "Buffer", data: Object.values(value) } : value),
  ],
  [
    "messages of a chat that forgets",
    (value, name) => (isContent(value, name) ? { ephemeralMessage: { message: value } } : value),
  ],
  [
    "envelopes as on the WebSocket",
    (value, name) => (name === "" && isObject(value) ? withoutDelivery(value) : value),
  ],
  [
    "one row in a list",
    (value, name) =>
      name === "" && isObject(value) && isObject(value["data"])
        ? { ...value, data: [value["data"]] }
        : value,
  ],
];

function said(provider: Provider, body: JsonObject): unknown {
  return provider.normalise(body, contextFor(body)).map(summaryOf);
}

describe.each([
  [evolution, "evolution"],
  [waha, "waha"],
] as const)("$name", (provider, folder) => {
  const fixtures = loadFixtures(new URL(`${folder}/fixtures/`, import.meta.url)).filter(
    ({ body }) => isObject(body) && provider.recognises(body),
  );

  it.each(rewrites)("%s change nothing", (_name, rewrite) => {
    const changed = fixtures.flatMap(({ name, body }) => {
      const before = said(provider, body as JsonObject);
      const after = said(provider, rewritten(body, rewrite) as JsonObject);
      return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ name, before, after }];
    });
    expect(changed).toEqual([]);
  });
});
