import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventFilter } from "../../contract/index.ts";
import { hash48 } from "./hash48.ts";
import type { LogTenant } from "./log-tenant.ts";

/** Events whose terms are written together; also how many of the newest a lookup may have to scan. */
const eventsPerStep = 512;
/** Offsets of one segment as a power of two: 8,192. */
const segmentBits = 13;

export function segmentOf(offset: number): number {
  return Math.floor(offset / 2 ** segmentBits);
}

interface TermSource {
  readonly offset: number;
  readonly instance: string | null;
  readonly chat: string | null;
  readonly phone: string | null;
  readonly message_id: string | null;
  readonly unrecognised: number;
}

const unrecognisedTerm = hash48("unrecognised");

function termsOf(event: TermSource): readonly number[] {
  const terms: number[] = [];
  if (event.instance !== null) terms.push(hash48(`instance ${event.instance}`));
  if (event.chat !== null) terms.push(hash48(`chat ${event.chat}`));
  if (event.phone !== null) terms.push(hash48(`phone ${event.phone}`));
  if (event.message_id !== null) terms.push(hash48(`message ${event.message_id}`));
  if (event.unrecognised === 1) terms.push(unrecognisedTerm);
  return terms;
}

/** The term that finds the fewest events of a filter; undefined when it has none. */
export function termFor(filter: EventFilter): number | undefined {
  if (filter.messageId !== undefined) return hash48(`message ${filter.messageId.toWellFormed()}`);
  if (filter.phone !== undefined) return hash48(`phone ${filter.phone.toWellFormed()}`);
  if (filter.chatId !== undefined) return hash48(`chat ${filter.chatId.toWellFormed()}`);
  if (filter.unrecognised === true) return unrecognisedTerm;
  if (filter.instanceId !== undefined)
    return hash48(`instance ${filter.instanceId.toWellFormed()}`);
  return undefined;
}

/** Writes the terms of events, a step at a time; must run inside the writer's transaction. */
export class EventTerms {
  readonly #read: StatementSync;
  readonly #insert: StatementSync;
  readonly #saveThrough: StatementSync;

  constructor(db: DatabaseSync) {
    this.#read = db.prepare(
      `SELECT "offset", instance, chat, phone, message_id, unrecognised FROM events
       WHERE tenant = ? AND "offset" > ? ORDER BY "offset" LIMIT ${eventsPerStep}`,
    );
    this.#insert = db.prepare("INSERT INTO event_terms VALUES (?, ?, ?, ?)");
    this.#saveThrough = db.prepare("UPDATE log_tenants SET terms_through = ? WHERE number = ?");
  }

  /** Catches up until less than one step is missing. */
  follow(tenant: LogTenant): void {
    while (tenant.head - tenant.termsThrough >= eventsPerStep) this.#step(tenant);
  }

  #step(tenant: LogTenant): void {
    const events = this.#read.all(
      tenant.number,
      tenant.termsThrough,
    ) as unknown as readonly TermSource[];
    for (const event of events) {
      const segment = segmentOf(event.offset);
      // One event may name a chat and a phone alike, never the same term twice: the kinds differ.
      for (const term of termsOf(event))
        this.#insert.run(tenant.number, segment, term, event.offset);
      tenant.termsThrough = event.offset;
    }
    this.#saveThrough.run(tenant.termsThrough, tenant.number);
  }
}
