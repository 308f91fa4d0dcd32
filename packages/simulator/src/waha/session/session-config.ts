import { wahaPolicies } from "../waha-retry.ts";
import type { WahaWebhook } from "../waha-webhook.ts";

/** `config` of a session; only what the simulator acts on is named, the rest is kept as given. */
export interface WahaConfig {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly webhooks?: readonly WahaWebhook[];
  readonly [member: string]: unknown;
}

/** Event names that 2026.2.1 accepts, in the order of its own complaint (recorded). */
export const wahaEventNames = [
  "session.status",
  "message",
  "message.reaction",
  "message.any",
  "message.ack",
  "message.ack.group",
  "message.waiting",
  "message.revoked",
  "message.edited",
  "state.change",
  "group.join",
  "group.leave",
  "group.v2.join",
  "group.v2.leave",
  "group.v2.update",
  "group.v2.participants",
  "presence.update",
  "poll.vote",
  "poll.vote.failed",
  "chat.archive",
  "call.received",
  "call.accepted",
  "call.rejected",
  "label.upsert",
  "label.deleted",
  "label.chat.added",
  "label.chat.deleted",
  "event.response",
  "event.response.failed",
  "engine.event",
  "*",
] as const;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const notNested = (at: string, name: string): string =>
  `${at}.nested property ${name} must be either object or array`;

function complaintsAboutHmac(hmac: unknown, at: string): string[] {
  if (hmac === undefined || hmac === null) return [];
  if (typeof hmac !== "object") return [notNested(at, "hmac")];
  const { key } = hmac as Readonly<Record<string, unknown>>;
  return key === undefined || key === null || typeof key === "string"
    ? []
    : [`${at}.hmac.key must be a string`];
}

function complaintsAboutHeaders(headers: unknown, at: string): string[] {
  if (headers === undefined || headers === null) return [];
  if (!Array.isArray(headers)) return [`${at}.customHeaders must be an array`];
  return headers.flatMap((header: unknown, index) => {
    if (!isObject(header))
      return [`${at}.each value in nested property customHeaders must be either object or array`];
    return ["name", "value"].flatMap((name) =>
      typeof header[name] === "string"
        ? []
        : [`${at}.customHeaders.${index}.${name} must be a string`],
    );
  });
}

function complaintsAboutRetries(retries: unknown, parent: string): string[] {
  if (retries === undefined || retries === null) return [];
  if (typeof retries !== "object") return [notNested(parent, "retries")];
  const at = `${parent}.retries`;
  const { delaySeconds, attempts, policy } = retries as Readonly<Record<string, unknown>>;
  const found: string[] = [];
  const mustBeNumber = "must be a number conforming to the specified constraints";
  if (delaySeconds !== undefined && typeof delaySeconds !== "number")
    found.push(`${at}.delaySeconds ${mustBeNumber}`);
  if (attempts !== undefined && typeof attempts !== "number")
    found.push(`${at}.attempts ${mustBeNumber}`);
  if (policy !== undefined && !(wahaPolicies as readonly unknown[]).includes(policy)) {
    found.push(`${at}.policy must be one of the following values: linear, exponential, constant`);
  }
  return found;
}

/**
 * What WAHA complains about in `config`, in its own words; empty when it takes it. Complaints about forms
 * that were not recorded are in the words of its validation library.
 */
export function complaintsAboutConfig(config: unknown): readonly string[] {
  if (config === undefined || config === null) return [];
  if (!isObject(config)) return ["nested property config must be either object or array"];
  const webhooks = config["webhooks"] ?? [];
  if (!Array.isArray(webhooks)) return ["config.webhooks must be an array"];
  return webhooks.every(isObject)
    ? complaintsAboutWebhooks(webhooks)
    : ["config.each value in nested property webhooks must be either object or array"];
}

function complaintsAboutWebhooks(
  webhooks: readonly Readonly<Record<string, unknown>>[],
): readonly string[] {
  return webhooks.flatMap((entry, index) => {
    const at = `config.webhooks.${index}`;
    const { url, events, hmac, retries, customHeaders } = entry;
    const found: string[] = [];
    if (typeof url !== "string" || !/^https?:\/\/./.test(url) || !URL.canParse(url))
      found.push(`${at}.url must be a URL address`);
    if (!Array.isArray(events)) found.push(`${at}.events must be an array`);
    const known = (event: unknown): boolean =>
      (wahaEventNames as readonly unknown[]).includes(event);
    if (!Array.isArray(events) || !events.every(known)) {
      found.push(
        `${at}.each value in events must be one of the following values: ${wahaEventNames.join(", ")}`,
      );
    }
    return [
      ...found,
      ...complaintsAboutHmac(hmac, at),
      ...complaintsAboutRetries(retries, at),
      ...complaintsAboutHeaders(customHeaders, at),
    ];
  });
}

/** The configuration as stored: NOWEB's default is filled in where the section was given. */
export function storedConfig(config: WahaConfig): WahaConfig {
  const noweb = config["noweb"];
  if (typeof noweb !== "object" || noweb === null) return config;
  return { ...config, noweb: { markOnline: true, ...noweb } };
}
