import { webhookHeaders } from "@recado/protocol";
import type { Endpoint, StoredBody } from "../../store/contract/index.ts";
import { pathByEvents, wahaSignatureHeaders } from "./as-provider.ts";
import { isReservedHeader } from "../header-policy.ts";

/** How an event becomes an HTTP request. Pure. */

/** What is sent: the event's own JSON, or the provider's body as it came in. */
export type Payload =
  | { readonly format: "recado"; readonly text: string }
  | { readonly format: "provider"; readonly body: StoredBody };

/** Who signs what, and as which program. */
export interface Sender {
  /** The same for every attempt of a delivery. */
  readonly webhookId: string;
  /** Whole Unix seconds. */
  readonly timestamp: number;
  /** Value of the signature header for these bytes. */
  sign(body: Buffer): string;
  /** Headers with which the provider would prove itself at this address, for these bytes. */
  readonly proveAsProvider?: (body: Buffer) => Readonly<Record<string, string>>;
  readonly version: string;
}

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const eventName = /^\w[\w.-]*$/;

/**
 * The address of a by-events body: the provider appends `/` and the event's path to what it was given,
 * slash or no slash. A query stays behind the path, where the provider would bury the path in it.
 */
function urlByEvents(endpointUrl: string, path: string | undefined): string {
  // Providers append an event's name. Anything else was not written by one, and a receiver that decodes
  // `%2F` could be led out of the configured path.
  if (path === undefined || !eventName.test(path)) return endpointUrl;
  const url = new URL(endpointUrl);
  url.pathname = `${url.pathname === "/" ? "" : url.pathname}/${path}`;
  return url.href;
}

/** The path that the provider called, or would have called if it still had this address. */
function pathBehind({ asProvider }: Endpoint, { text, meta }: StoredBody): string | undefined {
  return asProvider ? pathByEvents(asProvider, text) : meta.path;
}

/** Merges by lower-case name, later ones win and keep their own spelling. */
function mergeHeaders(
  ...layers: readonly Readonly<Record<string, string>>[]
): Record<string, string> {
  const merged = new Map<string, readonly [string, string]>();
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer))
      merged.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(merged.values());
}

function withoutReserved(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isReservedHeader(name)));
}

const madeWithOurKey: ReadonlySet<string> = new Set(Object.values(wahaSignatureHeaders));

/**
 * The provider's headers as they came. At an address that was the provider's own its signature is left
 * out: it was made with the key between the provider and us, and would look like a forgery there.
 */
function forwarded(
  { asProvider }: Endpoint,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(withoutReserved(headers));
  return Object.fromEntries(
    asProvider ? kept.filter(([name]) => !madeWithOurKey.has(name.toLowerCase())) : kept,
  );
}

/**
 * The request for a payload. The provider's forwarded headers come first, the endpoint's own may replace
 * them, and what receivers verify is always ours.
 */
export function formatRequest(
  endpoint: Endpoint,
  payload: Payload,
  sender: Sender,
): WebhookRequest {
  const provider = payload.format === "provider";
  const body = Buffer.from(provider ? payload.body.text : payload.text, "utf8");
  const headers = mergeHeaders(
    {
      "content-type": "application/json",
      "user-agent": `Recado/${sender.version}`,
      [webhookHeaders.id]: sender.webhookId,
      [webhookHeaders.timestamp]: String(sender.timestamp),
      [webhookHeaders.signature]: sender.sign(body),
    },
    provider ? forwarded(endpoint, payload.body.meta.headers) : {},
    withoutReserved(endpoint.headers),
    // A test event too: a receiver that verifies refuses what comes without.
    endpoint.format === "provider" ? (sender.proveAsProvider?.(body) ?? {}) : {},
  );
  const url = provider
    ? urlByEvents(endpoint.url, pathBehind(endpoint, payload.body))
    : endpoint.url;
  return { url, headers, body };
}

/** What a test event says about itself. */
export interface TestEvent {
  readonly id: string;
  readonly tenantId: string;
  /** Newest offset of the log: the test is not in it. */
  readonly offset: number;
  /** Unix milliseconds. */
  readonly now: number;
}

/** A test event's JSON: a valid event that says that it is a test, and is stored nowhere. */
export function testEventJson({ id, tenantId, offset, now }: TestEvent): string {
  const time = new Date(now).toISOString();
  return JSON.stringify({
    offset: Math.max(offset, 1),
    id,
    type: "app.emitted",
    tenantId,
    occurredAt: time,
    receivedAt: time,
    data: { event: "recado.test", payload: { message: "This is a test from Recado." }, test: true },
  });
}
