import { createHmac } from "node:crypto";
import type { Random } from "../random.ts";
import type { HttpPost } from "../sending/http-post.ts";
import type { WahaEngine } from "./edition.ts";
import type { WahaRetries } from "./waha-retry.ts";

/** Shapes of what WAHA sends: pure, byte-exact, from recordings of 2026.2.1 on the engine NOWEB. */

/** One entry of `config.webhooks`. */
export interface WahaWebhook {
  readonly url: string;
  /** Exact names, or `*`. */
  readonly events: readonly string[];
  readonly hmac?: { readonly key?: string } | null;
  readonly retries?: WahaRetries | null;
  readonly customHeaders?: readonly { readonly name: string; readonly value: string }[] | null;
}

/** The account behind a session: null before login. */
export interface WahaMe {
  readonly id: string;
  readonly pushName?: string;
  readonly lid?: string;
}

/** What of a session goes into every envelope. */
export interface WahaSource {
  readonly name: string;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly me: WahaMe | null;
}

export interface WahaServer {
  /** Default 2026.2.1. */
  readonly version: string;
  readonly workerId: string;
  /** Default NOWEB, whose bodies the traffic has. */
  readonly engine?: WahaEngine;
}

export interface WahaEnvironment {
  readonly version: string;
  readonly engine: WahaEngine;
  readonly tier: "CORE";
  readonly browser: string | null;
  readonly platform: string;
  readonly worker: { readonly id: string };
}

export function wahaEnvironment(server: WahaServer): WahaEnvironment {
  const { version, workerId, engine = "NOWEB" } = server;
  return {
    version,
    engine,
    tier: "CORE",
    browser: engine === "WEBJS" ? "/usr/bin/google-chrome-stable" : null,
    platform: "linux/x64",
    worker: { id: workerId },
  };
}

const crockford = "0123456789abcdefghjkmnpqrstvwxyz";

/** `evt_` and a lower-case ULID whose first ten characters are the time. */
export function wahaEventId(now: number, random: Random): string {
  let time = "";
  for (let left = now, index = 0; index < 10; index += 1) {
    time = (crockford[left % 32] ?? "") + time;
    left = Math.floor(left / 32);
  }
  return `evt_${time}${random.text(crockford, 16)}`;
}

/** The body. `me` is what the session is when the event is sent. The key `metadata` is absent without any. */
export function wahaBody(
  source: WahaSource,
  occurrence: {
    readonly id: string;
    readonly timestamp: number;
    readonly event: string;
    readonly payload: unknown;
  },
  server: WahaServer,
): Uint8Array {
  const { id, timestamp, event, payload } = occurrence;
  const envelope = {
    id,
    timestamp,
    event,
    session: source.name,
    metadata: source.metadata,
    me: source.me,
    payload,
    engine: server.engine ?? "NOWEB",
    environment: wahaEnvironment(server),
  };
  return Buffer.from(JSON.stringify(envelope));
}

/** `*` is everything but these two, which must be named beside it. */
const onlyByName = new Set(["state.change", "engine.event"]);

export function wahaWants(webhook: WahaWebhook, event: string): boolean {
  return webhook.events.includes(event) || (webhook.events.includes("*") && !onlyByName.has(event));
}

/** Lower-case hex of HMAC-SHA512 over the body's bytes alone. */
export function wahaSignature(key: string, body: Uint8Array): string {
  return createHmac("sha512", key).update(body).digest("hex");
}

/**
 * The request, headers in the recorded order. `X-Webhook-Timestamp` is the event's birth, not the time of
 * sending; all of it stays the same on every attempt.
 */
export function wahaPost(
  webhook: WahaWebhook,
  body: Uint8Array,
  proof: { readonly requestId: string; readonly timestamp: number },
  version: string,
): HttpPost {
  const custom = (webhook.customHeaders ?? []).map(({ name, value }) => [name, value] as const);
  const agentIsCustom = custom.some(([name]) => name.toLowerCase() === "user-agent");
  const key = webhook.hmac?.key ?? "";
  const headers: (readonly [string, string])[] = [
    ["Accept", "application/json, text/plain, */*"],
    ["Content-Type", "application/json"],
    ...(agentIsCustom ? [] : [["User-Agent", `WAHA/${version}`] as const]),
    ...custom,
    ["X-Webhook-Request-Id", proof.requestId],
    ["X-Webhook-Timestamp", String(proof.timestamp)],
  ];
  if (key !== "") {
    headers.push(
      ["X-Webhook-Hmac", wahaSignature(key, body)],
      ["X-Webhook-Hmac-Algorithm", "sha512"],
    );
  }
  return { url: webhook.url, headers, body };
}
