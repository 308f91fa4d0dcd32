import type { EventData, EventInstance, EventType, RecadoEvent } from "@recado/protocol";
import {
  pairsOf,
  type EventDraft,
  type EventIdentity,
  type JsonObject,
  type Provider,
} from "@recado/providers";
import { steadyTime, type Clock } from "../base/clock.ts";
import type { Ids } from "../base/ids.ts";
import type {
  AppendOutcome,
  EventLog,
  NewBody,
  NewEvent,
  NewIdentity,
  StoredEvent,
  TenantScope,
} from "../store/contract/index.ts";
import type { EventTail, LiveEvent } from "./live.ts";

/**
 * Writes events into the log and tells live readers about them after the commit.
 *
 * Owns: the envelope (ids, times, member order) and the memory of appends in flight. Must not know:
 * HTTP, sockets, what a provider's body means.
 *
 * I1 Nothing is published before it is on disk (the store's I4).
 * I2 The memory of appends in flight is empty once they are answered, also when they fail.
 * Proven by `event-log-writer.test.ts`.
 */
export interface EventLogWriter extends EventTail {
  /** Stores one webhook: all its drafts in one commit. */
  appendWebhook(scope: TenantScope, webhook: WebhookEntry): Promise<readonly AppendOutcome[]>;
  /** Stores an event of our own. */
  appendOwn<T extends EventType>(scope: TenantScope, event: OwnEvent<T>): Promise<AppendOutcome>;
  close(): void;
}

export interface WebhookEntry {
  readonly provider: Provider;
  readonly instance?: EventInstance;
  readonly body: NewBody;
  /** The parsed body, with everything that the provider sent. */
  readonly parsed: JsonObject;
  readonly drafts: readonly EventDraft[];
  /** SHA-256 of the bytes, lower-case hex. */
  readonly bodyHash: string;
  /** Fetched afterwards, see `recovered` of the envelope. */
  readonly recovered?: true;
  /** The provider's name of the event. */
  readonly source: string;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

export interface OwnEvent<T extends EventType> {
  readonly type: T;
  readonly data: EventData[T];
  readonly identity: EventIdentity;
  readonly instance?: EventInstance;
}

export interface EventLogWriterOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly ids: Ids;
  /** A message that is older than this on its arrival is marked `late`, milliseconds; ten minutes. */
  readonly lateAfterMs?: number;
}

type Envelope = Omit<RecadoEvent, "offset">;

interface InFlight {
  readonly envelope: Envelope;
  /** Of the envelope's text. */
  readonly length: number;
  readonly message: LiveEvent["documentedMessage"];
}

let lastMs = 0;
let lastIso = new Date(0).toISOString();

/** Many events have the same time: it is written once. */
function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastIso;
}

/** Years 2000 to 9999: what lies outside is a broken clock or a broken field, not a time. */
function usableTime(ms: number | undefined, fallback: number): number {
  return ms !== undefined && ms >= 946_684_800_000 && ms < 253_402_300_800_000
    ? Math.floor(ms)
    : fallback;
}

/**
 * A message that is this much older than its arrival is marked `late`. Providers tell of a message within
 * seconds, and clocks differ by seconds; ten minutes lie well beyond both, and within them a person still
 * waits for the answer. Who answers automatically should not answer what is older.
 */
const usualLateMs = 10 * 60_000;

/** Receipts are left out: some carry the time of the message that they are about. */
function canBeLate(type: EventType): boolean {
  return type.startsWith("message.") && type !== "message.acked";
}

function envelopeOf(
  id: string,
  scope: TenantScope,
  webhook: WebhookEntry,
  draft: EventDraft,
  lateAfterMs: number,
): Envelope {
  const occurredAt = usableTime(draft.occurredAt, webhook.receivedAt);
  return {
    id,
    type: draft.type,
    tenantId: scope.tenantId,
    ...(webhook.instance ? { instance: webhook.instance } : {}),
    occurredAt: isoTime(occurredAt),
    receivedAt: isoTime(webhook.receivedAt),
    ...(draft.chat ? { chat: draft.chat } : {}),
    ...(draft.contact ? { contact: draft.contact } : {}),
    ...(draft.fromMe !== undefined ? { fromMe: draft.fromMe } : {}),
    ...(webhook.receivedAt - occurredAt > lateAfterMs && canBeLate(draft.type)
      ? { late: true as const }
      : {}),
    ...(webhook.recovered ? { recovered: true as const } : {}),
    // Last, because readers splice it out of the stored text.
    data: draft.data,
  };
}

function messageIdOf(draft: EventDraft): string | undefined {
  const data = draft.data as { readonly messageId?: unknown };
  return typeof data.messageId === "string" && data.messageId !== "" ? data.messageId : undefined;
}

const lidServer = /@(?:hosted\.)?lid$/;

/** What the store knows people by. */
function personOf(draft: EventDraft): Pick<NewEvent, "phone" | "contactLid" | "pairs"> {
  const { contact } = draft;
  const pairs = pairsOf(draft);
  const taught = pairs === undefined ? {} : { pairs };
  if (contact === undefined) return taught;
  if (contact.phone !== undefined) return { phone: contact.phone, ...taught };
  return lidServer.test(contact.jid) ? { contactLid: contact.jid, ...taught } : taught;
}

/** On a clock that nobody sets: a window must be as long as it says whatever happens to the wall clock. */
function lifeOf(windowMs: number, seenAt: number): Pick<NewIdentity, "expiresAt" | "seenAt"> {
  return { seenAt, expiresAt: seenAt + windowMs };
}

function newEvent(
  envelope: Envelope,
  webhook: WebhookEntry,
  draft: EventDraft,
  index: number,
  steadyNow: () => number,
): NewEvent {
  const messageId = messageIdOf(draft);
  const { identity } = draft;
  return {
    id: envelope.id,
    type: envelope.type,
    ...(webhook.instance ? { instanceId: webhook.instance.id } : {}),
    ...(draft.chat ? { chatId: draft.chat.id.toWellFormed() } : {}),
    ...personOf(draft),
    ...(messageId !== undefined ? { messageId: messageId.toWellFormed() } : {}),
    ...(draft.fromMe !== undefined ? { fromMe: draft.fromMe } : {}),
    unrecognised: draft.type === "provider.event",
    occurredAt: usableTime(draft.occurredAt, webhook.receivedAt),
    receivedAt: webhook.receivedAt,
    json: JSON.stringify(envelope),
    index,
    identity: {
      key: identity.key,
      ...(identity.windowMs !== undefined ? lifeOf(identity.windowMs, steadyNow()) : {}),
      contentMissing: draft.contentMissing === true,
      bodyHash: webhook.bodyHash,
      source: webhook.source,
    },
  };
}

function noMessage(): undefined {
  return undefined;
}

class Writer implements EventLogWriter {
  readonly #options: EventLogWriterOptions;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #listeners = new Set<(events: readonly LiveEvent[]) => void>();
  readonly #unsubscribe: () => void;
  readonly #steadyNow: () => number;

  constructor(options: EventLogWriterOptions) {
    this.#options = options;
    this.#steadyNow = steadyTime(options.clock);
    this.#unsubscribe = options.log.subscribe((events) => this.#publish(events));
  }

  subscribe(listener: (events: readonly LiveEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async appendWebhook(
    scope: TenantScope,
    webhook: WebhookEntry,
  ): Promise<readonly AppendOutcome[]> {
    const events: NewEvent[] = [];
    const { ids, lateAfterMs = usualLateMs } = this.#options;
    try {
      for (const [index, draft] of webhook.drafts.entries()) {
        const envelope = envelopeOf(ids.next("evt"), scope, webhook, draft, lateAfterMs);
        const event = newEvent(envelope, webhook, draft, index, this.#steadyNow);
        events.push(event);
        this.#inFlight.set(envelope.id, {
          envelope,
          length: event.json.length,
          message: () => webhook.provider.documentedMessage(webhook.parsed, index, draft),
        });
      }
      return await this.#options.log.append(scope, { body: webhook.body, events });
    } finally {
      for (const event of events) this.#inFlight.delete(event.id);
    }
  }

  async appendOwn<T extends EventType>(
    scope: TenantScope,
    own: OwnEvent<T>,
  ): Promise<AppendOutcome> {
    const now = this.#options.clock.now();
    const envelope = {
      id: this.#options.ids.next("evt"),
      type: own.type,
      tenantId: scope.tenantId,
      ...(own.instance ? { instance: own.instance } : {}),
      occurredAt: isoTime(now),
      receivedAt: isoTime(now),
      data: own.data,
    } as Envelope;
    const json = JSON.stringify(envelope);
    this.#inFlight.set(envelope.id, { envelope, length: json.length, message: noMessage });
    try {
      const [outcome] = await this.#options.log.append(scope, {
        events: [
          {
            id: envelope.id,
            type: own.type,
            ...(own.instance ? { instanceId: own.instance.id } : {}),
            unrecognised: false,
            occurredAt: now,
            receivedAt: now,
            json,
            index: 0,
            identity: {
              key: own.identity.key,
              contentMissing: false,
              bodyHash: "",
              source: own.type,
            },
          },
        ],
      });
      if (!outcome) throw new Error("the log answered nothing for an event");
      return outcome;
    } finally {
      this.#inFlight.delete(envelope.id);
    }
  }

  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  #publish(events: readonly StoredEvent[]): void {
    if (this.#listeners.size === 0) return;
    const live = events.map((stored) => this.#live(stored));
    for (const listener of this.#listeners) listener(live);
  }

  #live(stored: StoredEvent): LiveEvent {
    const known = this.#inFlight.get(stored.id);
    // The store adds `completes` to a copy that brings missing content, and a phone that it remembers:
    // what was stored is the truth.
    const event =
      known && stored.json.length === known.length + `"offset":${stored.offset},`.length
        ? ({ offset: stored.offset, ...known.envelope } as RecadoEvent)
        : (JSON.parse(stored.json) as RecadoEvent);
    return { stored, event, documentedMessage: known?.message ?? noMessage };
  }
}

/** One writer per process: it must see every commit from its start. */
export function createEventLogWriter(options: EventLogWriterOptions): EventLogWriter {
  return new Writer(options);
}
