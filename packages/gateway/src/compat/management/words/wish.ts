import type { ProviderName } from "@recado/protocol";
import {
  chooseWahaEvents,
  readEvolutionWebhookInput,
  readWahaWebhookConfig,
  translateEvolutionEventNames,
  type JsonObject,
} from "@recado/providers";
import { RecadoError } from "../../../base/recado-error.ts";

/** A documented configuration, read: what is absent has its documented default. */
export interface WebhookWish {
  /** Absent: our own address for that session. */
  readonly url: string | undefined;
  readonly enabled: boolean;
  /** In the provider's spelling; undefined: all. */
  readonly events: readonly string[] | undefined;
  /** As they were spelt; undefined: none were given. */
  readonly givenEvents: readonly string[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Set the address at the provider itself, past us. */
  readonly direct: boolean;
  readonly byEvents: boolean;
  readonly base64: boolean;
  /** WAHA's, as it was given: a number of repeats, or an object. */
  readonly retries: unknown;
  /** WAHA's signing key. */
  readonly hmacKey: string | undefined;
}

function refuse(field: string, problem: string): never {
  throw new RecadoError("invalid_request", [`${field}: ${problem}`]);
}

function textField(body: JsonObject, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") refuse(field, "deve ser um texto");
  return value.trim() === "" ? undefined : value.trim();
}

/** Yes and no as forms send them. */
function choiceField(body: JsonObject, field: string, absent: boolean): boolean {
  const value = body[field];
  if (value === undefined || value === null) return absent;
  if (value === true || value === "true" || value === 1) return true;
  if (value === false || value === "false" || value === 0) return false;
  return refuse(field, "deve ser verdadeiro ou falso");
}

const mostEvents = 200;

function eventsField(body: JsonObject): readonly string[] | undefined {
  const value = body["events"] ?? undefined;
  const list: unknown = typeof value === "string" ? value.split(",") : value;
  if (list === undefined) return undefined;
  if (!Array.isArray(list) || list.some((name) => typeof name !== "string"))
    refuse("events", "deve ser uma lista de nomes");
  if (list.length > mostEvents) refuse("events", `no máximo ${mostEvents} nomes`);
  const names = (list as string[]).map((name) => name.trim()).filter((name) => name !== "");
  return names.length === 0 ? undefined : names;
}

/** Names of no version are refused by name: left out silently, an alert that relies on one never comes. */
function knownEvents(
  provider: ProviderName,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  if (names === undefined) return undefined;
  if (provider === "waha") {
    const { events, unknown } = chooseWahaEvents(names);
    if (unknown.length > 0) refuse("events", `nomes desconhecidos: ${shown(unknown)}`);
    return events.includes("*") ? undefined : events;
  }
  const { events, notInThisVersion, unknown } = translateEvolutionEventNames(names, undefined);
  if (unknown.length > 0) refuse("events", `nomes desconhecidos: ${shown(unknown)}`);
  return events && [...events, ...notInThisVersion];
}

function shown(names: readonly string[]): string {
  return names.slice(0, 20).join(", ").slice(0, 500);
}

/** Keys are short; a longer one is a mistake, such as a file. */
const longestKey = 4_096;

function usableKey(key: string | undefined): string | undefined {
  if (key !== undefined && key.length > longestKey)
    refuse("hmac", `no máximo ${longestKey} caracteres`);
  return key;
}

function wahaParts(body: JsonObject): Pick<WebhookWish, "headers" | "hmacKey" | "retries"> {
  const read = readWahaWebhookConfig({
    ...body,
    url: "http://localhost",
    enabled: true,
    events: null,
  });
  if (read.kind === "refused") throw new RecadoError("invalid_request", [read.problem]);
  if (read.kind === "off") throw new Error("a webhook that is on was read as off");
  const { customHeaders = [], hmac } = read.entry;
  return {
    headers: Object.fromEntries(customHeaders.map(({ name, value }) => [name, value])),
    hmacKey: usableKey(hmac?.key),
    retries: body["retries"] ?? undefined,
  };
}

/**
 * Reads the body of a documented `POST` in every spelling that is met; `{}` is all defaults. Throws
 * `invalid_request` with the field.
 */
export function readWish(provider: ProviderName, given: JsonObject): WebhookWish {
  const nested = given["webhook"];
  const body =
    typeof nested === "object" && nested !== null && !Array.isArray(nested)
      ? { ...given, ...(nested as JsonObject) }
      : given;
  const givenEvents = eventsField(body);
  const evolution = readEvolutionWebhookInput(body);
  return {
    url: textField(body, "url"),
    enabled: choiceField(body, "enabled", true),
    direct: choiceField(body, "direct", false),
    events: knownEvents(provider, givenEvents),
    givenEvents,
    byEvents: evolution.byEvents,
    base64: evolution.base64,
    ...(provider === "waha"
      ? wahaParts(body)
      : { headers: evolution.headers, hmacKey: undefined, retries: undefined }),
  };
}
