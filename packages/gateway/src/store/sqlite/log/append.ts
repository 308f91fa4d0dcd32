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
import { hash48 } from "./hash48.ts";
import type { IdentityIndex } from "./identity-index.ts";
import type { LogTallies } from "./log-tallies.ts";
import type { LogTenant } from "./log-tenant.ts";
import type { LogTenants } from "./log-tenants.ts";
import { storedEvent } from "./stored-event.ts";

/** One entry on its way into the log. */
interface Entry {
  readonly tenantId: string;
  readonly tenant: LogTenant;
  readonly body: NewBody | undefined;
  /** Set once the body is stored, which waits for the first event that is no duplicate. */
  bodyId: number | null;
}

/** The hash that an identity is found by. */
function identityHash(tenant: number, event: NewEvent): number {
  return hash48(`${tenant} ${event.instanceId ?? ""} ${event.identity.key}`);
}

/** Writes events; must run inside the writer's transaction. Parameters are bound by position: this is the hot path. */
export class Appender {
  readonly #tenants: LogTenants;
  readonly #tallies: LogTallies;
  readonly #insertBody: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #identities: IdentityIndex;

  constructor(
    db: DatabaseSync,
    tenants: LogTenants,
    tallies: LogTallies,
    identities: IdentityIndex,
  ) {
    this.#identities = identities;
    this.#tenants = tenants;
    this.#tallies = tallies;
    this.#insertBody = db.prepare("INSERT INTO bodies (tenant, meta, text) VALUES (?, ?, ?)");
    this.#insertEvent = db.prepare(
      `INSERT INTO events (tenant, "offset", id, type, instance, chat, phone, message_id, from_me, unrecognised,
         occurred_at, received_at, body, body_index, body_hash, source, identity_hash, identity_key, expires_at,
         content_missing, json)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  append(tenantId: string, entry: AppendEntry): readonly AppendOutcome[] {
    const tenant = this.#tenants.forWriting(tenantId);
    const state: Entry = { tenantId, tenant, body: entry.body, bodyId: null };
    return entry.events.map((event) => this.#appendOne(state, event));
  }

  #appendOne(entry: Entry, event: NewEvent): AppendOutcome {
    const tenant = entry.tenant.number;
    const hash = identityHash(tenant, event);
    // Sees what earlier jobs of the same commit stored, hence also copies that arrived at the same moment.
    const known = this.#identities.find({
      hash,
      tenant,
      instance: event.instanceId ?? null,
      key: event.identity.key,
    });
    if (!known) return this.#store(entry, event, hash, event.json);
    const verdict = judgeIdentity(known, event.identity, event.receivedAt);
    if (verdict.kind === "duplicate") {
      this.#tallies.duplicate(tenant, event.instanceId ?? "", verdict.cause);
      return { kind: "duplicate", of: known.id, cause: verdict.cause };
    }
    const json = verdict.kind === "completes" ? withCompletes(event.json, known.id) : event.json;
    return this.#store(entry, event, hash, json);
  }

  #store(entry: Entry, event: NewEvent, hash: number, json: string): AppendOutcome {
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
    this.#insert(tenant, event, hash, stored);
    this.#tallies.stored(tenant, event.instanceId, offset, event.receivedAt);
    return { kind: "appended", event: stored };
  }

  #insert(tenant: number, event: NewEvent, hash: number, stored: StoredEvent): void {
    const { identity } = event;
    const { lastInsertRowid } = this.#insertEvent.run(
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
      bodyHashPrefix(identity.bodyHash),
      identity.source,
      hash,
      identity.key,
      identity.expiresAt ?? null,
      identity.contentMissing ? 1 : 0,
      stored.json,
    );
    this.#identities.add(hash, Number(lastInsertRowid));
  }

  #storeBody(entry: Entry): number | null {
    if (!entry.body) return null;
    const { meta, text } = entry.body;
    return Number(
      this.#insertBody.run(entry.tenant.number, JSON.stringify(meta), text).lastInsertRowid,
    );
  }
}
