import { SignJWT } from "jose";
import type { HttpPost } from "../sending/http-post.ts";
import { kebabName } from "./evolution-event-names.ts";

/** Shapes of what Evolution sends: pure, byte-exact, from recordings of 2.3 and the sources of 2.2 and 1.8. */

/** A webhook's row, as `/webhook/find` shows it. */
export interface EvolutionWebhook {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly enabled?: boolean;
  /** Configuration names; absent: all. */
  readonly events?: readonly string[];
  readonly webhookByEvents?: boolean;
}

/** Whose event it is. */
export interface EvolutionSource {
  /** The instance's name. */
  readonly name: string;
  /** The instance's token: the envelope's `apikey`. Null when the server hides tokens. */
  readonly token: string | null;
  /** Own address, `5511900000100@s.whatsapp.net`; absent before the first connection. */
  readonly owner?: string | undefined;
}

export interface EvolutionEvent {
  /** Dotted: `messages.upsert`. */
  readonly event: string;
  readonly data: unknown;
  /** Members that `messages.set` puts before everything else. */
  readonly lead?: Readonly<Record<string, unknown>>;
  /**
   * The key under which the server keeps the message, where it differs from the one it shows: 2.3.7
   * writes the phone over a LID in the event and keeps the LID. Never sent.
   */
  readonly storedKey?: Readonly<Record<string, unknown>>;
}

/**
 * `date_time`: the server's local wall time with a `Z` that is false unless the server runs in UTC.
 * `utcOffsetMinutes` is −180 for São Paulo.
 */
export function falseUtc(now: number, utcOffsetMinutes: number): string {
  return new Date(now + utcOffsetMinutes * 60_000).toISOString();
}

/** The body: built once per event, the same bytes for the instance's webhook, the global one and every attempt. */
export function evolutionBody(
  source: EvolutionSource,
  { event, data, lead }: EvolutionEvent,
  server: { readonly destination: string; readonly dateTime: string; readonly serverUrl: string },
): Uint8Array {
  const envelope = {
    ...lead,
    event,
    instance: source.name,
    data,
    destination: server.destination,
    date_time: server.dateTime,
    sender: source.owner,
    server_url: server.serverUrl,
    apikey: source.token,
  };
  return Buffer.from(JSON.stringify(envelope));
}

/** `<url>/<kebab>` by plain joining: a slash at the end doubles, a query string swallows the name. */
export function webhookAddress(url: string, event: string, byEvents: boolean): string {
  return byEvents ? `${url}/${kebabName(event)}` : url;
}

/** Whether the server would call this address at all: anything else is stored and silently never called. */
export function isCallable(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/**
 * The proof made from a `jwt_key` header: HS256 over a ten-minute life, nothing about the body. Made
 * once per event, so late attempts carry an expired one.
 */
export function webhookToken(key: string, now: number): Promise<string> {
  const iat = Math.floor(now / 1_000);
  return new SignJWT({ iat, exp: iat + 600, app: "evolution", action: "webhook" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(key));
}

/**
 * Custom headers as sent: `jwt_key` leaves its place to an `Authorization` at the end. Undefined for a
 * `jwt_key` that nothing can be signed with.
 */
export async function customHeaders(
  headers: EvolutionWebhook["headers"],
  now: number,
): Promise<readonly (readonly [string, string])[] | undefined> {
  const { jwt_key: key, ...rest } = headers ?? {};
  const plain = Object.entries(rest);
  if (key !== undefined && (typeof key !== "string" || key === "")) return undefined;
  return key === undefined
    ? plain
    : [...plain, ["Authorization", `Bearer ${await webhookToken(key, now)}`]];
}

/** The request, headers in the recorded order. */
export function evolutionPost(
  url: string,
  body: Uint8Array,
  custom: readonly (readonly [string, string])[],
  userAgent: string,
): HttpPost {
  const agentIsCustom = custom.some(([name]) => name.toLowerCase() === "user-agent");
  const first = [
    ["Accept", "application/json, text/plain, */*"],
    ["Content-Type", "application/json"],
  ] as const;
  const last = agentIsCustom ? [] : ([["User-Agent", userAgent]] as const);
  return { url, body, headers: [...first, ...custom, ...last] };
}
