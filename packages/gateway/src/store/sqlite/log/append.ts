import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  AppendEntry,
  AppendOutcome,
  NewBody,
  NewEvent,
  StoredEvent,
} from "../../contract/index.ts";
import { bodyHashPrefix, judgeIdentity } from "./duplicate-cause.ts";
import { withCompletes, withOffset } from "./event-json.ts";
import type { DuplicateCounts } from "./duplicate-counts.ts";
import { identityHash, type Identities } from "./identities.ts";
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
  readonly duplicates: DuplicateCounts;
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

  append(tenantId: string, entry: AppendEntry): readonly AppendOutcome[] {
    const tenant = this.#parts.tenants.forWriting(tenantId);
    const state: Entry = { tenantId, tenant, body: entry.body, bodyId: null };
    return entry.events.map((event) => this.#appendOne(state, event));
  }

  #appendOne(entry: Entry, event: NewEvent): AppendOutcome {
    const tenant = entry.tenant.number;
    const hash = identityHash(tenant, event);
    // Sees what earlier jobs of the same commit stored, hence also copies that arrived at the same moment.
    const known = this.#parts.identities.find({
      hash,
      tenant,
      instance: event.instanceId ?? null,
      key: event.identity.key,
    });
    if (!known) return this.#store(entry, event, hash, event.json);
    const verdict = judgeIdentity(known, event.identity, event.receivedAt);
    if (verdict.kind === "duplicate") {
      this.#parts.duplicates.add(tenant, event.instanceId ?? "", verdict.cause);
      return { kind: "duplicate", of: known.id, cause: verdict.cause };
    }
    const json = verdict.kind === "completes" ? withCompletes(event.json, known.id) : event.json;
    return this.#store(entry, event, hash, json);
  }

  #store(entry: Entry, event: NewEvent, hash: number, json: string): AppendOutcome {
    const tenant = entry.tenant.number;
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
      json: withOffset(json.toWellFormed(), offset),
    });
    this.#insert(tenant, event, hash, stored);
    return { kind: "appended", event: stored };
  }

  #insert(tenant: number, event: NewEvent, hash: number, stored: StoredEvent): void {
    const { identity } = event;
    const { recent } = this.#parts;
    const position = recent.nextPosition();
    const instance = event.instanceId ?? null;
    this.#insertEvent.run(
      position,
      tenant,
      stored.offset,
      event.id,
      event.type,
      instance,
      event.chatId ?? null,
      event.phone ?? null,
      event.messageId ?? null,
      event.fromMe === undefined ? null : Number(event.fromMe),
      event.unrecognised ? 1 : 0,
      event.occurredAt,
      event.receivedAt,
      stored.bodyId ?? null,
      event.index,
      bodyHashPrefix(identity.bodyHash),
      identity.source,
      hash,
      identity.key,
      identity.expiresAt ?? null,
      identity.contentMissing ? 1 : 0,
      stored.json,
    );
    const { offset, id, receivedAt } = stored;
    recent.add({ position, tenant, offset, id, hash, instance, receivedAt });
  }

  #storeBody(entry: Entry): number | null {
    if (!entry.body) return null;
    const { meta, text } = entry.body;
    const id = this.#parts.recent.nextBodyId();
    this.#insertBody.run(id, entry.tenant.number, JSON.stringify(meta), text);
    return id;
  }
}
