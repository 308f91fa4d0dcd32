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
