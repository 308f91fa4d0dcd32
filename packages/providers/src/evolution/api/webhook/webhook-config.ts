import type { EvolutionWebhookConfig } from "@recado/protocol";
import { firstMember, listOf, member, objectAt, objectOf, textOf } from "../../../message/index.ts";
import type { EvolutionFlavour } from "../server-version.ts";
import { isSameEvent } from "./webhook-events.ts";

/** A configuration as callers write it: the documented one, in every spelling met. */
export interface EvolutionWebhookInput extends Omit<EvolutionWebhookConfig, "events" | "headers"> {
  /** Any spelling; absent, empty or `*`: all that the server knows. */
  readonly events?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly webhook_by_events?: boolean;
  readonly byEvents?: boolean;
  readonly webhook_base64?: boolean;
  readonly base64?: boolean;
}

/** A configuration, read. */
export interface WantedWebhook {
  /** Absent: the one that is stored. */
  readonly url: string | undefined;
  readonly enabled: boolean;
  readonly byEvents: boolean;
  readonly base64: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** As given; undefined means all. */
  readonly events: readonly string[] | undefined;
}

/**
 * A webhook as the server has it, in the documented words. `headers` may hold secrets (`jwt_key`,
 * `authorization`), and `url` a token.
 */
export interface EvolutionStoredWebhook {
  readonly url: string;
  readonly enabled: boolean;
  readonly webhookByEvents: boolean;
  readonly webhookBase64: boolean;
  readonly events: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a stored webhook is another one than was wanted. Header values are never said. */
export interface WebhookDifference {
  readonly field: "webhook" | "enabled" | "url" | "byEvents" | "base64" | "headers" | "events";
  readonly wanted: string;
  readonly stored: string;
}

/** Yes and no as people and forms write them; undefined for anything else. */
function choiceOf(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === 1) return true;
  return value === "false" || value === 0 ? false : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((entry) => typeof entry === "string");
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  // `[{name, value}]` is the other provider's form of the same.
  const pairs = Array.isArray(value)
    ? value.map((entry: unknown) => [textOf(member(entry, "name")) ?? "", member(entry, "value")])
    : Object.entries(objectOf(value) ?? {});
  return Object.fromEntries(
    (pairs as [string, unknown][]).flatMap(([name, entry]) =>
      name === "" || !["string", "number", "boolean"].includes(typeof entry)
        ? []
        : [[name, String(entry)]],
    ),
  );
}

/**
 * Reads a configuration in any spelling. What is absent has the documented default: on, one address for
 * all events, no media in the body, no headers, all events. Never throws; wrong types read as absent.
 */
export function readWebhookInput(input: unknown): WantedWebhook {
  const config = objectAt(input, "webhook") ?? objectOf(input) ?? {};
  const events = member(config, "events");
  const single = textOf(events);
  const url = textOf(member(config, "url"))?.trim();
  return {
    url: url === "" ? undefined : url,
    enabled: choiceOf(member(config, "enabled")) ?? true,
    byEvents:
      choiceOf(firstMember(config, "webhookByEvents", "webhook_by_events", "byEvents")) ?? false,
    base64: choiceOf(firstMember(config, "webhookBase64", "webhook_base64", "base64")) ?? false,
    headers: headersOf(firstMember(config, "headers", "customHeaders")),
    // What is no text is kept as one, to be refused as an unknown name: leaving it out could leave an
    // empty list, which means all.
    events:
      single === undefined
        ? Array.isArray(events)
          ? events.map((entry: unknown) => textOf(entry) ?? JSON.stringify(entry) ?? "undefined")
          : undefined
        : single.split(",").map((name) => name.trim()),
  };
}

/**
 * The body of `POST /webhook/set`. Every optional member is said: an absent one keeps its old value
 * (recorded). `events` empty means all; the two versions have different names.
 */
export function webhookSetBody(
  wanted: WantedWebhook,
  url: string,
  events: readonly string[],
  flavour: EvolutionFlavour,
): object {
  const { enabled, byEvents, base64, headers } = wanted;
  return flavour === "v1"
    ? { enabled, url, webhook_by_events: byEvents, webhook_base64: base64, events }
    : { webhook: { enabled, url, byEvents, base64, headers, events } };
}

/**
 * Reads a row of either version; null when there is no webhook, which version 1 says with an empty url.
 * Undefined for what is no such answer: it must not pass for "no webhook", or whoever keeps the present
 * address would believe that there is none.
 */
export function readWebhookRow(value: unknown): EvolutionStoredWebhook | null | undefined {
  if (value === undefined || value === null) return null;
  const row = objectAt(value, "webhook") ?? objectOf(value);
  if (row === undefined) return undefined;
  const names = Object.keys(row);
  if (!["url", "enabled"].some((name) => names.includes(name))) {
    const isNone = names.length === 0 || row["webhook"] === null;
    return isNone ? null : undefined;
  }
  const url = textOf(member(row, "url"));
  const enabled = choiceOf(member(row, "enabled"));
  if (enabled !== true && (url ?? "") === "") return null;
  return {
    url: url ?? "",
    enabled: enabled ?? false,
    webhookByEvents: choiceOf(firstMember(row, "webhookByEvents", "webhook_by_events")) ?? false,
    webhookBase64: choiceOf(firstMember(row, "webhookBase64", "webhook_base64")) ?? false,
    events: textsOf(member(row, "events")),
    headers: headersOf(member(row, "headers")),
  };
}

/**
 * Compares what was wanted with what is stored. `events` are the translated names, empty for all;
 * `known` the names that all must hold. A switched-off webhook is only compared in that.
 */
export function webhookDifferences(
  wanted: WantedWebhook & { readonly url: string },
  stored: EvolutionStoredWebhook | undefined,
  events: readonly string[],
  flavour: EvolutionFlavour,
  known: readonly string[],
): readonly WebhookDifference[] {
  if (stored === undefined) {
    return wanted.enabled ? [{ field: "webhook", wanted: "set", stored: "none" }] : [];
  }
  const found: WebhookDifference[] = [];
  const compare = (field: WebhookDifference["field"], left: unknown, right: unknown) => {
    if (left !== right) found.push({ field, wanted: String(left), stored: String(right) });
  };
  compare("enabled", wanted.enabled, stored.enabled);
  if (!wanted.enabled) return found;
  compare("url", wanted.url, stored.url);
  compare("byEvents", wanted.byEvents, stored.webhookByEvents);
  compare("base64", wanted.base64, stored.webhookBase64);
  // Version 1 has no headers.
  if (flavour === "v2") found.push(...headerDifferences(wanted.headers, stored.headers));
  return [...found, ...eventDifferences(events, stored.events, known)];
}

function headerDifferences(
  wanted: Readonly<Record<string, string>>,
  stored: Readonly<Record<string, string>>,
): readonly WebhookDifference[] {
  const names = new Set([...Object.keys(wanted), ...Object.keys(stored)]);
  const different = [...names].filter((name) => wanted[name] !== stored[name]);
  if (different.length === 0) return [];
  const say = (headers: Readonly<Record<string, string>>) =>
    different.filter((name) => headers[name] !== undefined).join(", ") || "none";
  return [{ field: "headers", wanted: say(wanted), stored: say(stored) }];
}

function eventDifferences(
  events: readonly string[],
  stored: readonly string[],
  known: readonly string[],
): readonly WebhookDifference[] {
  const wantsAll = events.length === 0;
  const goal = wantsAll ? known : events;
  const lacking = goal.filter((name) => !stored.some((other) => isSameEvent(name, other)));
  // A newer server may know more events than are listed here; all is all of them.
  const extra = wantsAll
    ? []
    : stored.filter((name) => !goal.some((other) => isSameEvent(name, other)));
  if (lacking.length === 0 && extra.length === 0) return [];
  return [
    {
      field: "events",
      wanted: wantsAll ? "all" : goal.join(", "),
      stored: stored.join(", ") || "none",
    },
  ];
}
