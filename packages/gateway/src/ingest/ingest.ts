import { hash } from "node:crypto";
import { maskedSecret, type ErrorCode, type EventInstance } from "@recado/protocol";
import { removeMembers, type EventDraft, type Provider } from "@recado/providers";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { RecadoError } from "../base/recado-error.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { EventLogWriter, WebhookEntry } from "../log/index.ts";
import type { AppendOutcome, IngestTarget, Instance } from "../store/contract/index.ts";
import { Admission, type IngestRates, type NotStored } from "./admission/index.ts";
import { newIngestCounters, type IngestCounters } from "./ingest-counters.ts";
import type { InstanceFinder } from "./instance-finder.ts";
import type { LargeBodies, LightenedBody } from "./large-bodies.ts";
import { haveLinks, withOwnLinks, type ProviderLinks } from "./provider-links.ts";
import { readWebhook, refuse, type IncomingWebhook, type Reading } from "./read-webhook.ts";
import { FairTurns } from "./turns/fair-turns.ts";
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
 *    its type, never itself. Only noise is counted instead, see `admission/`.
 * Proven by `ingest.test.ts`.
 */
export interface Ingest {
  /** Rejects with a catalogue code when the webhook is refused or cannot be stored. */
  receive(webhook: IncomingWebhook): Promise<IngestResult>;
  /** Counts a refusal that was made before `receive` (an unknown token, a body over the limit). */
  countRefusal(code: ErrorCode): void;
  counters(): IngestCounters;
  /** What of a number was counted instead of stored, since the start of the process. */
  notStored(instanceId: string): Readonly<NotStored>;
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
  /** Takes files out of large bodies. Default: they stay where they are. */
  readonly media?: LargeBodies;
  /** Gives links to files names of ours. Default: they stay as the provider gave them. */
  readonly links?: ProviderLinks;
  /** Default: no limit, so that only runs of one state are folded. */
  readonly rates?: IngestRates;
}

function keptHeaders(webhook: IncomingWebhook, provider: Provider): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of provider.capabilities.forwardHeaders) {
    const value = webhook.headers[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function ownerOf(target: IngestTarget): { readonly ingestToken: string } {
  if (target.kind === "instance") return target.instance;
  return target.kind === "server" ? target.server : target.tenant;
}

/**
 * Evolution tells in each body where it sent it (`destination`): an address of ours, whose token lets its
 * holder send events. Who may read events may not have it.
 */
function withoutToken(text: string, target: IngestTarget): string {
  const { ingestToken } = ownerOf(target);
  return text.includes(ingestToken) ? text.replaceAll(ingestToken, maskedSecret) : text;
}

function eventInstance(instance: Instance): EventInstance {
  return { id: instance.id, name: instance.name, provider: instance.provider };
}

class Door implements Ingest {
  readonly #options: IngestOptions;
  readonly #counters = newIngestCounters();
  readonly #admission: Admission;
  readonly #turns: FairTurns;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#turns = new FairTurns(options.clock);
    this.#admission = new Admission(options.rates ?? { perInstance: 0, perTenant: 0 });
    options.writer.subscribe((events) => {
      for (const { stored } of events) {
        const { bodyId, instanceId, type } = stored;
        // Without a body it is the gateway's own: what it found out about a number.
        if (bodyId === undefined && instanceId !== undefined && type.startsWith("instance."))
          this.#admission.found(instanceId);
      }
    });
  }

  async receive(webhook: IncomingWebhook): Promise<IngestResult> {
    const receivedAt = this.#options.clock.now();
    try {
      return await this.#turns.run(webhook.target.tenant.id, webhook.bytes.length, () =>
        this.#read(webhook, receivedAt),
      );
    } catch (error) {
      if (error instanceof RecadoError) this.countRefusal(error.code);
      throw error;
    }
  }

  countRefusal(code: ErrorCode): void {
    this.#counters.refused[code] = (this.#counters.refused[code] ?? 0) + 1;
  }

  counters(): IngestCounters {
    return structuredClone(this.#counters);
  }

  notStored(instanceId: string): Readonly<NotStored> {
    return this.#admission.notStored(instanceId);
  }

  async #read(webhook: IncomingWebhook, receivedAt: number): Promise<IngestResult> {
    const { bytes, target, trusted } = webhook;
    // Who is trusted may come again with the same bytes, which are emptied here.
    const own = trusted && bytes.length > 65_536 ? new Uint8Array(bytes) : bytes;
    const large = this.#options.media?.lighten(target.tenant.id, own);
    if (large === undefined) return this.#store(webhook, readWebhook(webhook), receivedAt);
    const body = await large;
    try {
      const light = { ...webhook, bytes: body.light };
      return await this.#store(light, readWebhook(light), receivedAt, body);
    } finally {
      await body.release();
    }
  }

  async #store(
    webhook: IncomingWebhook,
    reading: Reading,
    receivedAt: number,
    large?: LightenedBody,
  ): Promise<IngestResult> {
    const { provider, body, identification } = reading;
    const { target } = webhook;
    // A foreign body must not bring an instance into being: only its address can say whose it is.
    const believed = reading.recognised || target.kind === "instance" ? identification : {};
    const { finder } = this.#options;
    const found = finder.find(target, believed, provider.name);
    // Each wait is a turn of the queue: the usual webhook, with an address of its own, needs none here.
    const { instance, warning } = found instanceof Promise ? await found : found;
    if (instance?.webhookSecret !== undefined && !webhook.trusted) {
      const signed = large ? { ...webhook, bytes: large.original } : webhook;
      await this.#prove(signed, reading, instance.webhookSecret, receivedAt);
    }
    if (instance && target.kind === "tenant") await finder.learnServer(target, instance, believed);
    const bodyHash = large?.bodyHash ?? hash("sha256", webhook.bytes, "hex");
    const drafts = this.#drafts(reading, bodyHash, receivedAt, instance !== undefined);
    const warned =
      warning === undefined ? drafts : drafts.map((draft) => withWarning(draft, warning));
    const { clock, links } = this.#options;
    const scope = { tenantId: target.tenant.id };
    const verdict =
      instance && this.#admission.judge(scope.tenantId, instance.id, warned, clock.monotonic());
    if (verdict?.kind === "not stored") return this.#countNotStored(verdict.cause);
    const told = verdict?.drafts ?? warned;
    const entry: WebhookEntry = {
      provider,
      ...(instance ? { instance: eventInstance(instance) } : {}),
      body: {
        text: withoutToken(
          removeMembers(reading.text, provider.capabilities.secretMembers),
          target,
        ),
        meta: {
          ...(webhook.path ? { path: webhook.path } : {}),
          headers: keptHeaders(webhook, provider),
        },
      },
      parsed: body,
      drafts: told,
      bodyHash,
      ...(webhook.recovered ? { recovered: true as const } : {}),
      source: identification.eventName ?? "",
      receivedAt,
    };
    let isStored = false;
    try {
      if (large) await large.keep();
      const outcomes = await this.#options.writer.appendWebhook(
        scope,
        links && instance && haveLinks(told)
          ? { ...entry, drafts: await withOwnLinks(links, scope, instance, told) }
          : entry,
      );
      isStored = outcomes[0]?.kind === "appended";
      return this.#count(outcomes, warned);
    } finally {
      verdict?.telling.settle(isStored);
    }
  }

  #countNotStored(cause: keyof NotStored): IngestResult {
    this.#counters.accepted++;
    this.#counters.notStored[cause]++;
    return { events: 0, duplicates: 0 };
  }

  async #prove(
    webhook: IncomingWebhook,
    reading: Reading,
    sealedSecret: string,
    receivedAt: number,
  ): Promise<void> {
    const { headers, bytes } = webhook;
    const outcome = await reading.provider.authenticate(
      { headers, bytes, body: reading.body, receivedAt },
      this.#options.secretBox.open(sealedSecret),
    );
    if (outcome.kind === "unsigned") {
      refuse(
        "ingest_unauthorised",
        "this number has a webhook secret and the request is not signed",
      );
    }
    if (outcome.kind === "forged") refuse("ingest_signature_invalid", outcome.reason);
  }

  #drafts(
    reading: Reading,
    bodyHash: string,
    receivedAt: number,
    assigned: boolean,
  ): readonly EventDraft[] {
    const { provider, body } = reading;
    const { eventName } = reading.identification;
    if (!assigned) return [unrecognisedDraft(eventName, "no_instance", bodyHash)];
    try {
      const drafts = provider.normalise(body, { receivedAt, bodyHash });
      return drafts.length > 0 ? drafts : [unrecognisedDraft(eventName, "says_nothing", bodyHash)];
    } catch (error) {
      const about = { err: error, provider: provider.name };
      this.#options.logger.error(about, "a webhook could not be read and is kept unrecognised");
      return [unrecognisedDraft(eventName, "unreadable", bodyHash)];
    }
  }

  #count(outcomes: readonly AppendOutcome[], drafts: readonly EventDraft[]): IngestResult {
    const counters = this.#counters;
    counters.accepted++;
    let duplicates = 0;
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind === "duplicate") {
        duplicates++;
        counters.duplicates[outcome.cause]++;
      } else {
        counters.events++;
        if (drafts[index]?.type === "provider.event") counters.unrecognised++;
      }
    }
    return { events: outcomes.length - duplicates, duplicates };
  }
}

export function createIngest(options: IngestOptions): Ingest {
  return new Door(options);
}
