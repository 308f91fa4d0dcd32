import type { WahaWebhookConfig } from "@recado/protocol";
import { booleanOf, isObject, textOf, wordOf } from "../../wire.ts";
import { allEvents, chooseWahaEvents } from "./webhook-events.ts";

/**
 * Reading a webhook's configuration as people give it, and writing it as WAHA takes it.
 *
 * WAHA is strict: `retries` must be an object of JSON numbers, `hmac` an object, headers a list. The
 * documented configuration is not: `retries` may be a number, `hmac` a text, headers an object.
 */

export type WahaRetryPolicy = "constant" | "linear" | "exponential";

/** When WAHA sends again what was not answered with 2xx. */
export interface WahaRetries {
  readonly policy: WahaRetryPolicy;
  /** Constant: the wait; linear: times 1, 2, 3; exponential: times 2, 4, 8, and up to 20 % on top. */
  readonly delaySeconds: number;
  /** Requests after the first one; 0 is none. */
  readonly attempts: number;
}

/** One entry of `config.webhooks`, complete, in WAHA's own form. Holds keys. */
export interface WahaWebhookEntry {
  readonly url: string;
  readonly events: readonly string[];
  readonly hmac?: { readonly key: string };
  readonly retries: WahaRetries;
  readonly customHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** What WAHA does when a webhook says nothing about it (2026.2.1). */
export const wahaDefaultRetries: WahaRetries = {
  policy: "constant",
  delaySeconds: 2,
  attempts: 15,
};

/**
 * Outlasts an update or a restart of the receiver: 10 requests over 34 to 41 minutes, against 30 seconds by
 * WAHA's default. The longest wait stays below the time for which the same bytes count as a repeat.
 */
export const wahaOutlastingRetries: WahaRetries = {
  policy: "exponential",
  delaySeconds: 2,
  attempts: 9,
};

/** The documented default for a configuration without `retries`. */
const documentedAttempts = 3;

/** Stands where a key is; given back in a configuration it means "as it is stored". */
export const wahaKeptSecret = "********";

/** What {@link readWahaWebhookConfig} takes: the documented form, or anything that came in as JSON. */
export type WahaWebhookInput = WahaWebhookConfig | Readonly<Record<string, unknown>>;

export type ReadWahaWebhookConfig =
  /** `url` says which webhook is meant, where it was given. */
  | { readonly kind: "off"; readonly url?: string }
  | {
      readonly kind: "entry";
      readonly entry: WahaWebhookEntry;
      /** Event names that WAHA does not have; they were left out. */
      readonly unknownEvents: readonly string[];
    }
  | { readonly kind: "refused"; readonly problem: string };

const policies: readonly WahaRetryPolicy[] = ["constant", "linear", "exponential"];
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const maxHeaders = 64;

class Problem extends Error {}

function numberFrom(value: unknown, what: string, whole: boolean): number {
  const text = wordOf(value)?.trim() ?? "";
  const number = text === "" ? Number.NaN : Number(text);
  if (!(number >= 0 && number <= 1_000_000) || (whole && !Number.isInteger(number))) {
    throw new Problem(`${what} must be ${whole ? "a whole number" : "a number"} from 0 on`);
  }
  return number;
}

function retriesFrom(value: unknown): WahaRetries {
  if (value === undefined || value === null) {
    return { ...wahaDefaultRetries, attempts: documentedAttempts };
  }
  if (!isObject(value)) {
    return { ...wahaDefaultRetries, attempts: numberFrom(value, "retries", true) };
  }
  const given = (name: keyof WahaRetries) => value[name] ?? wahaDefaultRetries[name];
  const word = textOf(given("policy"))?.trim().toLowerCase();
  const policy = policies.find((candidate) => candidate === word);
  if (policy === undefined)
    throw new Problem(`retries.policy must be one of ${policies.join(", ")}`);
  return {
    policy,
    delaySeconds: numberFrom(
      value["delaySeconds"] ?? value["delay_seconds"] ?? wahaDefaultRetries.delaySeconds,
      "retries.delaySeconds",
      false,
    ),
    attempts: numberFrom(given("attempts"), "retries.attempts", true),
  };
}

function hmacKeyFrom(value: unknown): string | undefined {
  const key = isObject(value) ? value["key"] : value;
  if (key === undefined || key === null || key === "") return undefined;
  if (typeof key === "string") return key;
  throw new Problem("hmac must be a text, {key} or null");
}

/** Pairs of a list `[{name, value}]` or of an object `{name: value}`. */
function headerPairs(value: unknown, what: string): readonly (readonly [unknown, unknown])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) {
    return value.map((entry: unknown) => {
      if (isObject(entry)) return [entry["name"], entry["value"]] as const;
      throw new Problem(`${what} must be a list of {name, value}`);
    });
  }
  if (isObject(value)) return Object.entries(value);
  throw new Problem(`${what} must be a list of {name, value} or an object`);
}

/** The first of two headers with one name counts: WAHA would send both. */
function headersFrom(config: Readonly<Record<string, unknown>>): WahaWebhookEntry["customHeaders"] {
  const pairs = [
    ...headerPairs(config["customHeaders"], "customHeaders"),
    ...headerPairs(config["custom_headers"], "custom_headers"),
    ...headerPairs(config["headers"], "headers"),
  ];
  const headers = new Map<string, { readonly name: string; readonly value: string }>();
  for (const [name, value] of pairs) {
    const text = typeof value === "boolean" || value === "" ? String(value) : wordOf(value);
    if (typeof name !== "string" || !headerName.test(name))
      throw new Problem("a header's name has characters that no header can have");
    if (text === undefined || !headerValue.test(text))
      throw new Problem(`the value of the header ${name} cannot be sent`);
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), { name, value: text });
  }
  if (headers.size > maxHeaders) throw new Problem(`at most ${maxHeaders} headers`);
  return headers.size === 0 ? undefined : [...headers.values()];
}

function urlFrom(value: unknown): string {
  const text = textOf(value)?.trim() ?? "";
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text)) {
    throw new Problem("url must be an http or https address");
  }
  return text;
}

/** An empty list subscribes to nothing, which nobody means: it stands for everything. */
function eventsFrom(value: unknown): { events: readonly string[]; unknown: readonly string[] } {
  const given = typeof value === "string" ? value.split(",") : (value ?? []);
  if (!Array.isArray(given)) throw new Problem("events must be a list of names");
  if (given.length === 0) return { events: [allEvents], unknown: [] };
  const choice = chooseWahaEvents(given);
  if (choice.events.length > 0) return choice;
  throw new Problem(`WAHA has none of these events: ${choice.unknown.join(", ").slice(0, 200)}`);
}

/**
 * Reads a documented configuration. Without `events` it is `*`, without `retries` 3 attempts, 2 seconds
 * apart; `enabled: false` is `off`, since in WAHA a webhook that exists is on. Nothing that is given
 * and cannot be meant is passed over: it is `refused` with a sentence that names no secret.
 */
export function readWahaWebhookConfig(input: WahaWebhookInput): ReadWahaWebhookConfig {
  const config = input as Readonly<Record<string, unknown>>;
  try {
    if (booleanOf(config["enabled"] ?? true) === false) {
      const url = textOf(config["url"]);
      return url === undefined ? { kind: "off" } : { kind: "off", url: url.trim() };
    }
    const { events, unknown } = eventsFrom(config["events"]);
    const key = hmacKeyFrom(config["hmac"]);
    const customHeaders = headersFrom(config);
    const entry: WahaWebhookEntry = {
      url: urlFrom(config["url"]),
      events,
      ...(key === undefined ? {} : { hmac: { key } }),
      retries: retriesFrom(config["retries"]),
      ...(customHeaders === undefined ? {} : { customHeaders }),
    };
    return { kind: "entry", entry, unknownEvents: unknown };
  } catch (error) {
    if (error instanceof Problem) return { kind: "refused", problem: error.message };
    throw error;
  }
}
