import { createHmac } from "node:crypto";
import type { AsProvider } from "../../store/contract/index.ts";

/**
 * What a provider itself does with a webhook of its own, for an endpoint whose address was one. Pure.
 * Source: Evolution API 2.3.7, WAHA 2026.2.1; the addresses, the token and the signature were recorded.
 */

/** Where Evolution writes the name: in front, or behind the two members of a history chunk. */
const nameInFront =
  /^\{(?:"(?:isLatest|progress)":(?:true|false|null|[\d.]+),)*"event":"([\w.-]+)"/;

/** The provider's name of the event in a stored body; undefined when it has none. */
function eventNameIn(text: string): string | undefined {
  const inFront = nameInFront.exec(text)?.[1];
  if (inFront !== undefined) return inFront;
  try {
    const body: unknown = JSON.parse(text);
    const { event } = (body ?? {}) as { readonly event?: unknown };
    return typeof event === "string" ? event : undefined;
  } catch {
    // Bodies are stored only when they can be parsed; one that cannot has no name.
    return undefined;
  }
}

/** `messages.upsert`, `MESSAGES_UPSERT` and `messages-upsert` are one event. */
function folded(name: string): string {
  const plain = name.toUpperCase().replaceAll(/[\s._-]/g, "");
  // The configuration has one spelling of it, the body the other.
  return plain === "GROUPUPDATE" ? "GROUPSUPDATE" : plain;
}

/** True when the provider would have sent this body to the address. */
export function wouldSend({ events }: AsProvider, text: string): boolean {
  if (!events) return true;
  const name = eventNameIn(text);
  return name !== undefined && events.some((wanted) => folded(wanted) === folded(name));
}

/** What stands behind the address; undefined when nothing does. */
export function pathByEvents({ byEvents }: AsProvider, text: string): string | undefined {
  const name = byEvents ? eventNameIn(text) : undefined;
  return name?.toLowerCase().replaceAll(/[._]/g, "-");
}

const tokenLifeSeconds = 600;

/** The token that Evolution makes of `jwt_key` for each event (HS256). `now` in whole Unix seconds. */
export function evolutionToken(key: string, now: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iat: now, exp: now + tokenLifeSeconds, app: "evolution", action: "webhook" };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

/** WAHA's signature and what it is made with; a fork adds the version of its own. */
export const wahaSignatureHeaders = {
  signature: "x-webhook-hmac",
  algorithm: "x-webhook-hmac-algorithm",
  version: "x-webhook-hmac-version",
} as const;

/**
 * The headers that WAHA adds where `hmac.key` is set: the HMAC-SHA512 of the body's bytes and nothing
 * else, in lower-case hex, so that every attempt has the same.
 */
export function wahaSignature(key: string, body: Uint8Array): Readonly<Record<string, string>> {
  return {
    [wahaSignatureHeaders.signature]: createHmac("sha512", key).update(body).digest("hex"),
    [wahaSignatureHeaders.algorithm]: "sha512",
  };
}

/** Keys of an address that was a provider's own, in the clear. */
export interface ProviderKeys {
  readonly jwtKey?: string;
  readonly hmacKey?: string;
}

/** The headers with which the provider would prove itself. `now` in whole Unix seconds. */
export function providerProof(
  { jwtKey, hmacKey }: ProviderKeys,
  body: Uint8Array,
  now: number,
): Readonly<Record<string, string>> {
  return {
    ...(jwtKey === undefined ? {} : { authorization: `Bearer ${evolutionToken(jwtKey, now)}` }),
    ...(hmacKey === undefined ? {} : wahaSignature(hmacKey, body)),
  };
}
