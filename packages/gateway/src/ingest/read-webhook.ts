import type { ErrorCode } from "@recado/protocol";
import {
  providerOf,
  recognise,
  type Identification,
  type JsonObject,
  type Provider,
} from "@recado/providers";
import { RecadoError } from "../base/recado-error.ts";
import type { IngestTarget } from "../store/contract/index.ts";
import { parseBody } from "./parse-body.ts";

export interface IncomingWebhook {
  readonly target: IngestTarget;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
  /** By-events path behind the address, without slash. */
  readonly path?: string;
  /** Refuse a body that no provider recognises (the documented route) instead of keeping it. */
  readonly strict?: boolean;
  /**
   * It came over a connection that we opened ourselves (a provider's socket, its list of messages), so
   * that the connection is the proof and no signature is asked for.
   */
  readonly trusted?: boolean;
  /** It was fetched afterwards: its events are marked `recovered`. */
  readonly recovered?: boolean;
  /** Changes the parsed body before it is read (the documented ack route); what is kept stays as sent. */
  readonly reshape?: (body: JsonObject) => JsonObject;
}

/** A webhook that is well formed, and who will read it. */
export interface Reading {
  readonly body: JsonObject;
  readonly text: string;
  readonly provider: Provider;
  /** The body has the provider's envelope; otherwise only the address says whose it is. */
  readonly recognised: boolean;
  readonly identification: Identification;
}

export function refuse(code: ErrorCode, detail?: string): never {
  throw new RecadoError(code, detail === undefined ? [] : [detail]);
}

function reader(body: JsonObject, target: IngestTarget): Pick<Reading, "provider" | "recognised"> {
  const recognised = recognise(body);
  if (recognised) return { provider: recognised, recognised: true };
  if (target.kind === "instance")
    return { provider: providerOf(target.instance.provider), recognised: false };
  if (target.kind === "server")
    return { provider: providerOf(target.server.provider), recognised: false };
  return { provider: providerOf("evolution"), recognised: false };
}

/** Throws a catalogue code for what is refused whoever sent it. */
export function readWebhook(webhook: IncomingWebhook): Reading {
  if (!webhook.target.tenant.active) refuse("tenant_inactive");
  const parsed = parseBody(webhook.bytes, webhook.headers["content-type"]);
  if (parsed.kind === "refused") refuse(parsed.code, parsed.detail);
  if (Object.keys(parsed.body).length === 0) refuse("webhook_unrecognised", "the object is empty");
  const body = webhook.reshape?.(parsed.body) ?? parsed.body;
  const { provider, recognised } = reader(body, webhook.target);
  const identification = provider.identify(body);
  const isNamed = recognised || identification.eventName !== undefined;
  if (webhook.strict && !isNamed) refuse("webhook_unrecognised");
  return { body, text: parsed.text, provider, recognised, identification };
}
