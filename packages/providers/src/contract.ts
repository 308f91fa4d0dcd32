import type {
  Chat,
  Contact,
  EventData,
  EventType,
  MessageEvent,
  ProviderName,
} from "@recado/protocol";

/**
 * What the gateway asks of a provider: is this webhook authentic, whose is it, what does it say.
 *
 * Owns: the narrow contract between provider formats and the log. Must not know: HTTP servers, stores,
 * sockets, tenants.
 *
 * I1 Every function is pure: the same input gives the same output, nothing is fetched or remembered.
 * I2 `normalise` never throws and never returns an empty list for a body it was given, except where a
 *    provider sends an event that says nothing (an empty presence map, an empty history chunk's rows).
 * I3 Nothing is invented: no phone out of a LID, no text, no time, no name.
 * Proven by `testing/provider-suite.ts`, which every provider passes.
 */

/** A parsed JSON object, as a provider sent it. */
export type JsonObject = { readonly [key: string]: unknown };

/** One webhook as it arrived. */
export interface WebhookRequest {
  /** Lower-case names; a repeated header is joined with ", ". */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body's bytes, as signed. */
  readonly bytes: Uint8Array;
  readonly body: JsonObject;
  /** Unix milliseconds, this server's clock. */
  readonly receivedAt: number;
}

/** Whether a webhook proves that it comes from the holder of an instance's secret. */
export type AuthOutcome =
  | { readonly kind: "authentic" }
  /** Nothing in the request is a proof (no signature header, no bearer token). */
  | { readonly kind: "unsigned" }
  | { readonly kind: "forged"; readonly reason: string };

/** What a body says about where it comes from; the gateway decides what to believe. */
export interface Identification {
  /** The instance's or session's name as text (numbers become digits), Unicode NFC; absent when the body has none. */
  readonly instanceName?: string;
  /** The provider's own name of the event, in the provider's usual spelling (`messages.upsert`). */
  readonly eventName?: string;
  /** Evolution's `server_url`: tells two servers with the same instance name apart. */
  readonly serverUrl?: string;
}

/**
 * What makes two webhooks the same occurrence. Scoped by instance by the gateway.
 */
export interface EventIdentity {
  /**
   * JSON array text: a kind, then its parts; an address is written `{"jid":"…"}` so that it can be
   * resolved again once more is known about people. Built only by `identityKey`.
   */
  readonly key: string;
  /**
   * How long a repeat counts as the same, in milliseconds. Absent: as long as the event is kept. Set for
   * things without an identity of their own, where only bodies that say the same, whichever way they
   * came, inside the provider's retry window are repeats.
   */
  readonly windowMs?: number;
}

/** Two addresses of one person, canonical, as the provider said them together. */
export interface AddressPair {
  /** `…@lid` or `…@hosted.lid`. */
  readonly lid: string;
  /** `<digits>@s.whatsapp.net`. */
  readonly phone: string;
}

interface DraftCommon {
  /** The provider's own time, Unix milliseconds; absent when it gives none that can be trusted. */
  readonly occurredAt?: number;
  readonly chat?: Chat;
  readonly contact?: Contact;
  readonly fromMe?: boolean;
  readonly identity: EventIdentity;
  /** What a bulk set says about people beside those in `contact` and `data`; read by `pairsOf`. */
  readonly pairs?: readonly AddressPair[];
  /** The message came without its content; a later copy that has it is published as well. */
  readonly contentMissing?: true;
}

/** An event before it has a place in the log. */
export type EventDraft = {
  [T in EventType]: DraftCommon & { readonly type: T; readonly data: EventData[T] };
}[EventType];

/** What `normalise` may use beside the body. */
export interface NormaliseContext {
  readonly receivedAt: number;
  /** SHA-256 of the body's bytes, lower-case hex: identity of what has no other and cannot be read. */
  readonly bodyHash: string;
}

/** A provider's abilities and limits, as data. */
export interface ProviderCapabilities {
  /** Longest time between the first and the last attempt of one webhook, milliseconds. */
  readonly retryWindowMs: number;
  /** Member names whose values are credentials or key material: removed from `raw` at any depth. */
  readonly secretMembers: readonly string[];
  /** The header that the provider signs with, lower case; for documentation and `doctor`. */
  readonly signatureHeader: string;
  /** How the secret is configured at the provider, in one sentence. */
  readonly signatureHelp: string;
  /** Request headers worth keeping for endpoints with `format: "provider"`, lower case. */
  readonly forwardHeaders: readonly string[];
}

/** One provider. */
export interface Provider {
  readonly name: ProviderName;
  readonly capabilities: ProviderCapabilities;
  /** True when the body has this provider's envelope. At most one provider recognises a body. */
  recognises(body: JsonObject): boolean;
  /** Verifies the request against an instance's secret. Constant time where it compares. */
  authenticate(request: WebhookRequest, secret: string): Promise<AuthOutcome>;
  identify(body: JsonObject): Identification;
  /** The events a body holds, in its own order. */
  normalise(body: JsonObject, context: NormaliseContext): readonly EventDraft[];
  /**
   * The documented `whatsapp:message_received` data of `draft`, the `index`-th that `normalise` made of
   * `body`; undefined when that draft is not a message.
   */
  documentedMessage(body: JsonObject, index: number, draft: EventDraft): MessageEvent | undefined;
}
