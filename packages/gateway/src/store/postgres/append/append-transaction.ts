import { bodyHashPrefix } from "../../sqlite/log/duplicate-cause.ts";
import { inTransaction, type Database, type Transaction } from "../database.ts";
import { fromStoredText, toStoredText, toStoredTextOrNull } from "../stored-text.ts";
import {
  AppendDecider,
  type AppendDecision,
  type BodyToStore,
  type EventToStore,
  type FoundIdentity,
  type LaneState,
} from "./append-decision.ts";
import { addressesOf, digestOf, learnFrom, otherDigestsOf } from "./identity-forms-of.ts";
import { PairBook, type StoredPair } from "./pair-book.ts";
import { saveCounts } from "./save-counts.ts";
import type { TenantEntry } from "./tenant-entry.ts";

/** What a committed transaction stored. */
export interface Committed extends AppendDecision {
  /** Position before its first event. */
  readonly before: number;
}

/**
 * Stores the entries in one transaction; resolves after its commit, which PostgreSQL answers once it is on
 * disk. The lane is locked by a statement of its own: what is asked after it sees everything that was
 * committed before, which the same statement would not (its snapshot is older than its lock).
 */
export async function appendInTransaction(
  sql: Database,
  entries: readonly TenantEntry[],
): Promise<Committed> {
  return inTransaction(sql, async (transaction) => {
    const state = await lockAndRead(transaction, entries);
    const decision = new AppendDecider(state).decide(entries);
    await write(transaction, decision);
    return { ...decision, before: state.position };
  });
}

async function lockAndRead(
  transaction: Transaction,
  entries: readonly TenantEntry[],
): Promise<LaneState> {
  const tenants = [...new Set(entries.map(({ tenantId }) => toStoredText(tenantId)))];
  const digests = entries.flatMap(({ tenantId, entry }) =>
    entry.events.map((event) => digestOf(tenantId, event)),
  );
  const addresses = addressesOf(entries);
  // Sent now and not when it is awaited: the server runs what comes on one connection one after the other,
  // and whatever came before the lock would not see what others commit until it is granted.
  const locking = transaction<{ position: number; body: number }[]>`
    SELECT position, body FROM log_lane FOR UPDATE`.execute();
  const [[lane], logs, exact, pairs] = await Promise.all([
    locking,
    transaction<{ tenant: string; number: number; head: number }[]>`
      SELECT tenant_id AS tenant, number, head FROM logs WHERE tenant_id = ANY(${tenants}::text[])`,
    findIdentities(transaction, tenants, digests),
    addresses.length === 0 ? [] : findPairs(transaction, tenants, addresses),
  ]);
  if (!lane) throw new Error("the log's lane is missing");
  const others = otherDigests(entries, pairs);
  const aliased = others.length === 0 ? [] : await findIdentities(transaction, tenants, others);
  return {
    ...lane,
    pairs,
    logs: new Map(logs.map(({ tenant, ...log }) => [fromStoredText(tenant), log])),
    identities: new Map([...exact, ...aliased]),
  };
}

/** As the decision will ask for them: with what each entry teaches in its turn. */
function otherDigests(
  entries: readonly TenantEntry[],
  stored: readonly StoredPair[],
): readonly string[] {
  const pairs = new PairBook(stored);
  return entries.flatMap((of) => {
    learnFrom(of, pairs);
    return of.entry.events.flatMap((event) => otherDigestsOf(of.tenantId, event, pairs));
  });
}

async function findIdentities(
  transaction: Transaction,
  tenants: readonly string[],
  digests: readonly string[],
): Promise<readonly (readonly [string, FoundIdentity])[]> {
  const rows = await transaction<(FoundIdentity & { readonly identity: string })[]>`
    SELECT DISTINCT ON (e.identity) e.identity, e.position, e.id, e.phone, e.expires_at,
      e.content_missing::int AS content_missing, e.body_hash, e.source
    FROM events e JOIN logs l ON l.number = e.log
    WHERE e.identity = ANY(${digests}::uuid[]) AND l.tenant_id = ANY(${tenants}::text[])
    ORDER BY e.identity, e.position DESC`;
  return rows.map(({ identity, ...row }) => [
    identity,
    {
      ...row,
      id: fromStoredText(row.id),
      source: fromStoredText(row.source),
      phone: row.phone === null ? null : fromStoredText(row.phone),
    },
  ]);
}

async function findPairs(
  transaction: Transaction,
  tenants: readonly string[],
  addresses: readonly string[],
): Promise<readonly StoredPair[]> {
  const stored = addresses.map((address) => toStoredText(address));
  const rows = await transaction<
    { tenant: string; instance: string; lid: string; phone: string; learned_at: number }[]
  >`
    SELECT l.tenant_id AS tenant, p.instance, p.lid, p.phone, p.learned_at
    FROM logs l JOIN people_pairs p ON p.log = l.number
    WHERE l.tenant_id = ANY(${tenants}::text[])
      AND (p.lid = ANY(${stored}::text[]) OR p.phone = ANY(${stored}::text[]))`;
  return rows.map((row) => ({
    tenantId: fromStoredText(row.tenant),
    instanceId: fromStoredText(row.instance),
    lid: fromStoredText(row.lid),
    phone: fromStoredText(row.phone),
    learnedAt: row.learned_at,
  }));
}

async function write(transaction: Transaction, decision: AppendDecision): Promise<void> {
  const { events, bodies, heads } = decision;
  await Promise.all([
    insertBodies(transaction, bodies),
    insertEvents(transaction, events),
    saveCounts(transaction, decision),
    transaction`UPDATE log_lane SET position = ${decision.position}, body = ${decision.body}`,
    transaction`
      UPDATE logs SET head = h.head
      FROM unnest(${[...heads.keys()]}::bigint[], ${[...heads.values()]}::bigint[]) AS h (number, head)
      WHERE logs.number = h.number`,
  ]);
}

async function insertBodies(
  transaction: Transaction,
  bodies: readonly BodyToStore[],
): Promise<void> {
  if (bodies.length === 0) return;
  await transaction`
    INSERT INTO bodies (id, log, meta, text) SELECT * FROM unnest(
      ${bodies.map(({ id }) => id)}::bigint[], ${bodies.map(({ log }) => log)}::bigint[],
      ${bodies.map(({ body }) => JSON.stringify(body.meta))}::text[],
      ${bodies.map(({ body }) => toStoredText(body.text))}::text[])`;
}

async function insertEvents(
  transaction: Transaction,
  events: readonly EventToStore[],
): Promise<void> {
  if (events.length === 0) return;
  const column = <T>(value: (event: EventToStore) => T): T[] => events.map(value);
  const text = (value: (event: EventToStore) => string | undefined) =>
    column((event) => toStoredTextOrNull(value(event)));
  // By way of texts: the client takes an array of booleans for a boolean.
  const flag = (value: (event: EventToStore) => boolean | undefined) =>
    column((event) => value(event)?.toString() ?? null);
  await transaction`
    INSERT INTO events (log, "offset", position, id, type, instance, chat, phone, message_id, from_me,
      unrecognised, received_at, body, body_index, body_hash, source, identity, expires_at, content_missing, json)
    SELECT * FROM unnest(
      ${column((one) => one.log)}::bigint[], ${column((one) => one.stored.offset)}::bigint[],
      ${column((one) => one.position)}::bigint[], ${text((one) => one.event.id)}::text[],
      ${text((one) => one.event.type)}::text[], ${text((one) => one.event.instanceId)}::text[],
      ${text((one) => one.event.chatId)}::text[],
      ${text((one) => one.event.phone ?? one.event.contactLid)}::text[],
      ${text((one) => one.event.messageId)}::text[], ${flag((one) => one.event.fromMe)}::text[]::boolean[],
      ${flag((one) => one.event.unrecognised)}::text[]::boolean[],
      ${column((one) => one.event.receivedAt)}::bigint[], ${column((one) => one.stored.bodyId ?? null)}::bigint[],
      ${column((one) => one.event.index)}::int[],
      ${column((one) => bodyHashPrefix(one.event.identity.bodyHash))}::text[],
      ${text((one) => one.event.identity.source)}::text[], ${column((one) => one.identity)}::uuid[],
      ${column((one) => one.event.identity.expiresAt ?? null)}::bigint[],
      ${flag((one) => one.event.identity.contentMissing)}::text[]::boolean[],
      ${column((one) => one.stored.json)}::text[])`;
}
