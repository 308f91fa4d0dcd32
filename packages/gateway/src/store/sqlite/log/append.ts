import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  digitsOf,
  withContactPhone,
  type AppendEntry,
  type AppendOutcome,
  type LearntPair,
  type NewBody,
  type NewEvent,
  type StoredEvent,
} from "../../contract/index.ts";
import type { PairMemory } from "../people/pair-memory.ts";
import { packEvent, type PackedColumns } from "../packing/packed-event.ts";
import { packId } from "../packing/packed-id.ts";
import { bodyHashPrefix, judgeIdentity } from "./duplicate-cause.ts";
import { withCompletes, withOffset } from "./event-json.ts";
import type { DuplicateCounts } from "./duplicate-counts.ts";
import { identityDigest, type Identities, type IdentityDigest } from "./identities.ts";
import type { LogTenant, LogTenants } from "./log-tenants.ts";
import type { RecentEvents } from "./recent-events.ts";
import { storedEvent } from "./stored-event.ts";

/** One entry on its way into the log. */
interface Entry {
  readonly tenantId: string;
  readonly tenant: LogTenant;
  readonly body: NewBody | undefined;
  /** Set once the body is stored, which waits for the first event that is no duplicate. */
  bodyId: number | null;
}

export interface AppenderParts {
  readonly tenants: LogTenants;
  readonly recent: RecentEvents;
  readonly identities: Identities;
  readonly pairs: PairMemory;
  readonly duplicates: DuplicateCounts;
}

export interface Appended {
  readonly outcomes: readonly AppendOutcome[];
  /** Pairs that were not known before. */
  readonly learnt: readonly LearntPair[];
}

const nothingLearnt: readonly LearntPair[] = [];

function withPhone(event: NewEvent, phone: string): NewEvent {
  return { ...event, phone: digitsOf(phone), json: withContactPhone(event.json, phone) };
}

/** Writes events; must run inside the writer's transaction. Parameters are bound by position: this is the hot path. */
export class Appender {
  readonly #parts: AppenderParts;
  readonly #insertBody: StatementSync;
  readonly #insertEvent: StatementSync;

  constructor(db: DatabaseSync, parts: AppenderParts) {
    this.#parts = parts;
    this.#insertBody = db.prepare(
      "INSERT INTO bodies (id, tenant, meta, text) VALUES (?, ?, ?, ?)",
    );
    this.#insertEvent = db.prepare(
      `INSERT INTO events (position, tenant, "offset", id, type, instance, chat, phone, message_id, from_me, unrecognised,
         occurred_at, received_at, body, body_index, body_hash, source, identity_hash, identity_key, expires_at,
         content_missing, json)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  append(tenantId: string, entry: AppendEntry): Appended {
    const tenant = this.#parts.tenants.forWriting(tenantId);
    const state: Entry = { tenantId, tenant, body: entry.body, bodyId: null };
    // All of it first: what one event of a body teaches counts for those before it too.
    const learnt = this.#learn(state, entry.events);
    return { outcomes: entry.events.map((event) => this.#appendOne(state, event)), learnt };
  }

  #learn(entry: Entry, events: readonly NewEvent[]): readonly LearntPair[] {
    let learnt: LearntPair[] | undefined;
    for (const { pairs, instanceId, receivedAt } of events) {
      if (pairs === undefined || instanceId === undefined) continue;
      const scope = { tenant: entry.tenant.number, instance: instanceId };
      for (const pair of pairs) {
        if (!this.#parts.pairs.learn(scope, pair, receivedAt)) continue;
        (learnt ??= []).push({ ...pair, tenantId: entry.tenantId, instanceId });
      }
    }
    return learnt ?? nothingLearnt;
  }

  /** The address of the contact's phone, when only memory knows it. */
  #rememberedPhone(tenant: number, { contactLid, instanceId }: NewEvent): string | undefined {
    if (contactLid === undefined || instanceId === undefined) return undefined;
    return this.#parts.pairs.formsOf({ tenant, instance: instanceId }, contactLid)[0];
  }

  #appendOne(entry: Entry, said: NewEvent): AppendOutcome {
    const tenant = entry.tenant.number;
    const phone = this.#rememberedPhone(tenant, said);
    const event = phone === undefined ? said : withPhone(said, phone);
    const { key } = event.identity;
    const instance = event.instanceId ?? null;
    const digest = identityDigest(tenant, instance, key);
    // Sees what earlier jobs of the same commit stored, hence also copies that arrived at the same moment.
    const known = this.#parts.identities.find({ digest, tenant, instance, key }, event.phone);
    if (!known) return this.#store(entry, event, digest, event.json);
    const verdict = judgeIdentity(known, event.identity, event.receivedAt);
    if (verdict.kind === "duplicate") {
      this.#parts.duplicates.add(tenant, event.instanceId ?? "", verdict.cause);
      return { kind: "duplicate", of: known.id, cause: verdict.cause };
    }
    const json = verdict.kind === "completes" ? withCompletes(event.json, known.id) : event.json;
    return this.#store(entry, event, digest, json);
  }

  #store(entry: Entry, event: NewEvent, digest: IdentityDigest, said: string): AppendOutcome {
    const json = said.toWellFormed();
    const offset = (entry.tenant.head += 1);
    entry.bodyId ??= this.#storeBody(entry);
    const stored = storedEvent(entry.tenantId, {
      offset,
      id: event.id,
      type: event.type,
      instance: event.instanceId ?? null,
      chat: event.chatId?.toWellFormed() ?? null,
      body: entry.bodyId,
      body_index: event.index,
      received_at: event.receivedAt,
      json: withOffset(json, offset),
    });
    this.#insert(entry.tenant, event, digest, stored, json, entry.body?.text);
    return { kind: "appended", event: stored };
  }

  /** `json`: without its offset. */
  #insert(
    log: LogTenant,
    event: NewEvent,
    digest: IdentityDigest,
    stored: StoredEvent,
    json: string,
    body: string | undefined,
  ): void {
    const { identity } = event;
    const tenant = log.number;
    const columns: PackedColumns = {
      id: event.id,
      type: event.type,
      chat: stored.chatId ?? null,
      phone: (event.phone ?? event.contactLid)?.toWellFormed() ?? null,
      messageId: event.messageId?.toWellFormed() ?? null,
      occurredAt: event.occurredAt,
      receivedAt: event.receivedAt,
    };
    const packed = packEvent(json, columns, body, (text) => log.texts.numberOf(text));
    const { recent } = this.#parts;
    const position = recent.nextPosition();
    const instance = event.instanceId ?? null;
    this.#insertEvent.run(
      position,
      tenant,
      stored.offset,
      packId(event.id),
      event.type,
      instance,
      columns.chat,
      columns.phone,
      columns.messageId,
      event.fromMe === undefined ? null : Number(event.fromMe),
      event.unrecognised ? 1 : 0,
      event.occurredAt,
      event.receivedAt,
      stored.bodyId ?? null,
      event.index,
      bodyHashPrefix(identity.bodyHash),
      identity.source,
      digest.hash,
      digest.rest,
      identity.expiresAt ?? null,
      identity.contentMissing ? 1 : 0,
      packed ?? stored.json,
    );
    const { offset, id, receivedAt } = stored;
    recent.add({ position, tenant, offset, id, hash: digest.hash, instance, receivedAt });
  }

  #storeBody(entry: Entry): number | null {
    if (!entry.body) return null;
    const { tenant } = entry;
    const id = this.#parts.recent.nextBodyId();
    const meta = JSON.stringify(entry.body.meta);
    const stored = tenant.texts.numberOfRepeated(meta)?.toString() ?? meta;
    this.#insertBody.run(id, tenant.number, stored, entry.body.text);
    return id;
  }
}
