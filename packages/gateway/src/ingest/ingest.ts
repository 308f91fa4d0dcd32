import { createHash } from "node:crypto";
import type { ErrorCode, EventInstance } from "@recado/protocol";
import {
  providerOf,
  recognise,
  removeMembers,
  type EventDraft,
  type JsonObject,
  type Provider,
} from "@recado/providers";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { RecadoError } from "../base/recado-error.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { EventLogWriter } from "../log/index.ts";
import type { IngestTarget, Instance } from "../store/contract/index.ts";
import { newIngestCounters, type IngestCounters } from "./ingest-counters.ts";
import type { InstanceFinder } from "./instance-finder.ts";
import { parseBody } from "./parse-body.ts";
import { unrecognisedDraft, withWarning } from "./unrecognised.ts";

/**
 * The door: a provider's webhook goes in and is on disk before its sender hears 2xx.
 *
 * Owns: what is refused, whose a webhook is, and that nothing authentic is lost on the way. Must not
 * know: HTTP, sockets, endpoints, SQL.
 *
 * I1 `receive` resolves only after the log has stored everything (or recognised it as stored before).
 * I2 What is refused changed nothing but a counter.
 * I3 What is authentic and parseable is stored, however strange: a provider that fails on it costs it
 *    its type, never itself.
 * Proven by `ingest.test.ts`.
 */
export interface Ingest {
  /** Rejects with a catalogue code when the webhook is refused or cannot be stored. */
  receive(webhook: IncomingWebhook): Promise<IngestResult>;
  /** Counts a refusal that was made before `receive` (an unknown token, a body over the limit). */
  countRefusal(code: ErrorCode): void;
  counters(): IngestCounters;
}

export interface IncomingWebhook {
  readonly target: IngestTarget;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
  /** By-events path behind the address, without slash. */
  readonly path?: string;
  /** Refuse a body that no provider recognises (the documented route) instead of keeping it. */
  readonly strict?: boolean;
  /** Changes the parsed body before it is read (the documented ack route); what is kept stays as sent. */
  readonly reshape?: (body: JsonObject) => JsonObject;
}

export interface IngestResult {
  readonly events: number;
  readonly duplicates: number;
}

export interface IngestOptions {
  readonly writer: EventLogWriter;
  readonly finder: InstanceFinder;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Reading {
  readonly body: JsonObject;
  readonly text: string;
  readonly provider: Provider;
  readonly recognised: boolean;
}

function refuse(code: ErrorCode, detail?: string): never {
  throw new RecadoError(code, detail === undefined ? [] : [detail]);
}

function providerFor(
  body: JsonObject,
  target: IngestTarget,
): { provider: Provider; recognised: boolean } {
  const recognised = recognise(body);
  if (recognised) return { provider: recognised, recognised: true };
  if (target.kind === "instance")
    return { provider: providerOf(target.instance.provider), recognised: false };
  if (target.kind === "server")
    return { provider: providerOf(target.server.provider), recognised: false };
  return { provider: providerOf("evolution"), recognised: false };
}

function read(webhook: IncomingWebhook): Reading {
  if (!webhook.target.tenant.active) refuse("tenant_inactive");
  const parsed = parseBody(webhook.bytes, webhook.headers["content-type"]);
  if (parsed.kind === "refused") refuse(parsed.code, parsed.detail);
  const body = webhook.reshape?.(parsed.body) ?? parsed.body;
  if (Object.keys(parsed.body).length === 0) refuse("webhook_unrecognised", "the object is empty");
  const { provider, recognised } = providerFor(body, webhook.target);
  if (webhook.strict && !recognised && provider.identify(body).eventName === undefined)
    refuse("webhook_unrecognised");
  return { body, text: parsed.text, provider, recognised };
}

function keptHeaders(webhook: IncomingWebhook, provider: Provider): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of provider.capabilities.forwardHeaders) {
    const value = webhook.headers[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function eventInstance(instance: Instance): EventInstance {
  return { id: instance.id, name: instance.name, provider: instance.provider };
}

export function createIngest(options: IngestOptions): Ingest {
  const { writer, finder, secretBox, clock, logger } = options;
  const counters = newIngestCounters();

  function countRefusal(code: ErrorCode): void {
    counters.refused[code] = (counters.refused[code] ?? 0) + 1;
  }

  async function prove(
    webhook: IncomingWebhook,
    reading: Reading,
    instance: Instance,
    receivedAt: number,
  ): Promise<void> {
    if (instance.webhookSecret === undefined) return;
    const request = {
      headers: webhook.headers,
      bytes: webhook.bytes,
      body: reading.body,
      receivedAt,
    };
    const outcome = await reading.provider.authenticate(
      request,
      secretBox.open(instance.webhookSecret),
    );
    if (outcome.kind === "unsigned")
      refuse(
        "ingest_unauthorised",
        "this number has a webhook secret and the request is not signed",
      );
    if (outcome.kind === "forged") refuse("ingest_signature_invalid", outcome.reason);
  }

  function draftsOf(
    reading: Reading,
    bodyHash: string,
    receivedAt: number,
    assigned: boolean,
  ): readonly EventDraft[] {
    const { eventName } = reading.provider.identify(reading.body);
    if (!assigned) return [unrecognisedDraft(eventName, "no_instance", bodyHash)];
    try {
      const drafts = reading.provider.normalise(reading.body, { receivedAt, bodyHash });
      return drafts.length > 0 ? drafts : [unrecognisedDraft(eventName, "says_nothing", bodyHash)];
    } catch (error) {
      logger.error(
        { err: error, provider: reading.provider.name, event: eventName },
        "a webhook could not be read and is kept unrecognised",
      );
      return [unrecognisedDraft(eventName, "unreadable", bodyHash)];
    }
  }

  async function store(
    webhook: IncomingWebhook,
    reading: Reading,
    receivedAt: number,
  ): Promise<IngestResult> {
    const { provider, body } = reading;
    const identification = provider.identify(body);
    // A foreign body must not bring an instance into being: only its address can say whose it is.
    const believed = reading.recognised || webhook.target.kind === "instance" ? identification : {};
    const found = await finder.find(webhook.target, believed, provider.name);
    if (found.instance) await prove(webhook, reading, found.instance, receivedAt);
    const bodyHash = createHash("sha256").update(webhook.bytes).digest("hex");
    const drafts = draftsOf(reading, bodyHash, receivedAt, found.instance !== undefined);
    const warned =
      found.warning === undefined
        ? drafts
        : drafts.map((draft) => withWarning(draft, found.warning));
    const outcomes = await writer.appendWebhook(
      { tenantId: webhook.target.tenant.id },
      {
        provider,
        ...(found.instance ? { instance: eventInstance(found.instance) } : {}),
        body: {
          text: removeMembers(reading.text, provider.capabilities.secretMembers),
          meta: {
            ...(webhook.path ? { path: webhook.path } : {}),
            headers: keptHeaders(webhook, provider),
          },
        },
        parsed: body,
        drafts: warned,
        bodyHash,
        source: identification.eventName ?? "",
        receivedAt,
      },
    );
    let duplicates = 0;
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind === "duplicate") {
        duplicates++;
        counters.duplicates[outcome.cause]++;
      } else {
        counters.events++;
        if (warned[index]?.type === "provider.event") counters.unrecognised++;
      }
    }
    counters.accepted++;
    return { events: outcomes.length - duplicates, duplicates };
  }

  async function receive(webhook: IncomingWebhook): Promise<IngestResult> {
    try {
      return await store(webhook, read(webhook), clock.now());
    } catch (error) {
      if (error instanceof RecadoError) countRefusal(error.code);
      throw error;
    }
  }

  return { receive, countRefusal, counters: () => structuredClone(counters) };
}
