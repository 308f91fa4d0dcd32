import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  AppendEntry,
  AppendOutcome,
  NewBody,
  NewEvent,
  StoredEvent,
} from "../../contract/index.ts";
import { bodyHashPrefix, judgeIdentity, type KnownIdentity } from "./duplicate-cause.ts";
import { withCompletes, withOffset } from "./event-json.ts";
import type { LogTallies } from "./log-tallies.ts";
import type { LogTenant, LogTenants } from "./log-tenants.ts";
import { storedEvent } from "./stored-event.ts";

/** One entry on its way into the log. */
interface Entry {
  readonly tenantId: string;
  readonly tenant: LogTenant;
  readonly body: NewBody | undefined;
  /** Set once the body is stored, which waits for the first event that is no duplicate. */
  bodyId: number | null;
}

/** Writes events; must run inside the writer's transaction. Parameters are bound by position: this is the hot path. */
export class Appender {
  readonly #tenants: LogTenants;
  readonly #tallies: LogTallies;
  readonly #insertBody: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #insertIdentity: StatementSync;
  readonly #findIdentity: StatementSync;
  readonly #replaceIdentity: StatementSync;
  readonly #findId: StatementSync;

  constructor(db: DatabaseSync, tenants: LogTenants, tallies: LogTallies) {
    this.#tenants = tenants;
    this.#tallies = tallies;
    this.#insertBody = db.prepare("INSERT INTO bodies (tenant, meta, text) VALUES (?, ?, ?)");
    this.#insertEvent = db.prepare(
      `INSERT INTO events (tenant, "offset", id, type, instance, chat, phone, message_id, from_me, unrecognised,
         occurred_at, received_at, body, body_index, identity_key, json)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const identityColumns = `(tenant, instance, key, "offset", expires_at, content_missing, body_hash, source)`;
    this.#insertIdentity = db.prepare(
      `INSERT INTO identities ${identityColumns} VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#replaceIdentity = db.prepare(
      `REPLACE INTO identities ${identityColumns} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#findIdentity = db.prepare(
      `SELECT "offset", expires_at, content_missing, body_hash, source FROM identities
       WHERE tenant = ? AND instance = ? AND key = ?`,
    );
    this.#findId = db.prepare(`SELECT id FROM events WHERE tenant = ? AND "offset" = ?`);
  }

  append(tenantId: string, entry: AppendEntry): readonly AppendOutcome[] {
    const tenant = this.#tenants.forWriting(tenantId);
    const state: Entry = { tenantId, tenant, body: entry.body, bodyId: null };
    return entry.events.map((event) => this.#appendOne(state, event));
  }

  #appendOne(entry: Entry, event: NewEvent): AppendOutcome {
    // The identity first, at the offset the event would get: one statement where most events are new.
    const offset = entry.tenant.head + 1;
    if (this.#writeIdentity(this.#insertIdentity, entry, event, offset))
      return this.#store(entry, event, event.json);
    const known = this.#findIdentity.get(
      entry.tenant.number,
      event.instanceId ?? "",
      event.identity.key,
    ) as KnownIdentity | undefined;
    if (!known) throw new Error("an identity that was in the way is not there");
    const earlier = this.#findId.get(entry.tenant.number, known.offset) as
      | { readonly id: string }
      | undefined;
    const verdict = judgeIdentity(known, event.identity, event.receivedAt);
    // Without its event an identity means nothing (both are deleted in one commit).
    if (earlier && verdict.kind === "duplicate") {
      this.#tallies.duplicate(entry.tenant.number, event.instanceId ?? "", verdict.cause);
      return { kind: "duplicate", of: earlier.id, cause: verdict.cause };
    }
    this.#writeIdentity(this.#replaceIdentity, entry, event, offset);
    const completes = earlier && verdict.kind === "completes";
    return this.#store(
      entry,
      event,
      completes ? withCompletes(event.json, earlier.id) : event.json,
    );
  }

  #writeIdentity(statement: StatementSync, entry: Entry, event: NewEvent, offset: number): boolean {
    const { identity } = event;
    const result = statement.run(
      entry.tenant.number,
      event.instanceId ?? "",
      identity.key,
      offset,
      identity.expiresAt ?? null,
      identity.contentMissing ? 1 : 0,
      bodyHashPrefix(identity.bodyHash),
      identity.source,
    );
    return result.changes !== 0;
  }

  #store(entry: Entry, event: NewEvent, json: string): AppendOutcome {
    const tenant = entry.tenant.number;
    const offset = this.#tenants.nextOffset(entry.tenant);
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
    this.#insertStored(tenant, event, stored);
    this.#tallies.stored(tenant, event.instanceId, offset, event.receivedAt);
    return { kind: "appended", event: stored };
  }

  #insertStored(tenant: number, event: NewEvent, stored: StoredEvent): void {
    this.#insertEvent.run(
      tenant,
      stored.offset,
      event.id,
      event.type,
      event.instanceId ?? null,
      event.chatId ?? null,
      event.phone ?? null,
      event.messageId ?? null,
      event.fromMe === undefined ? null : Number(event.fromMe),
      event.unrecognised ? 1 : 0,
      event.occurredAt,
      event.receivedAt,
      stored.bodyId ?? null,
      event.index,
      event.identity.key,
      stored.json,
    );
  }

  #storeBody(entry: Entry): number | null {
    if (!entry.body) return null;
    const { meta, text } = entry.body;
    return Number(
      this.#insertBody.run(entry.tenant.number, JSON.stringify(meta), text).lastInsertRowid,
    );
  }
}
