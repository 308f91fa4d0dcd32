import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { EventFilter } from "../../contract/index.ts";

/**
 * Events whose terms are written together. A lookup has to scan the newest that are not yet written: this
 * many, and what the other tenants that are due at the same moment make it wait for.
 */
const eventsPerStep = 512;
/** Offsets of one segment. */
export const segmentSize = 8_192;

export function segmentOf(offset: number): number {
  return Math.floor(offset / segmentSize);
}

/** The number under which `event_terms` has a term (32 bits) of an event; 45 bits, ascending by term, then offset. */
export function entryOf(term: number, offset: number): number {
  return term * segmentSize + (offset % segmentSize);
}

interface UnfinishedLog {
  readonly number: number;
  readonly head: number;
  termsThrough: number;
}

interface TermSource {
  readonly offset: number;
  readonly instance: string | null;
  readonly chat: string | null;
  readonly phone: string | null;
  readonly message_id: string | null;
  readonly unrecognised: number;
}

type TermKind = "instance" | "chat" | "phone" | "message";

/** Collisions cost a look at the event, no more: a checksum is enough. */
function termOf(kind: TermKind, text: string): number {
  return crc32(`${kind} ${text}`);
}

const unrecognisedTerm = crc32("unrecognised");

function termsOf(event: TermSource): readonly number[] {
  const terms: number[] = [];
  if (event.instance !== null) terms.push(termOf("instance", event.instance));
  if (event.chat !== null) terms.push(termOf("chat", event.chat));
  if (event.phone !== null) terms.push(termOf("phone", event.phone));
  if (event.message_id !== null) terms.push(termOf("message", event.message_id));
  if (event.unrecognised === 1) terms.push(unrecognisedTerm);
  return terms;
}

/**
 * The terms of which each event of a filter has one, and which find the fewest: one, or one for each
 * form of a person's address; none when the filter has nothing that is looked up.
 */
export function termsFor(filter: EventFilter): readonly number[] {
  if (filter.messageId !== undefined) return [termOf("message", filter.messageId)];
  if (filter.phone !== undefined) {
    const forms = new Set([filter.phone, ...(filter.lids ?? [])]);
    return [...forms].map((form) => termOf("phone", form));
  }
  if (filter.chatId !== undefined) return [termOf("chat", filter.chatId)];
  if (filter.unrecognised === true) return [unrecognisedTerm];
  if (filter.instanceId !== undefined) return [termOf("instance", filter.instanceId)];
  return [];
}

/** Writes the terms of events, a step at a time; must run inside the writer's transaction. */
export class EventTerms {
  readonly #unfinished: StatementSync;
  readonly #read: StatementSync;
  readonly #insert: StatementSync;
  readonly #saveThrough: StatementSync;

  constructor(db: DatabaseSync) {
    this.#unfinished = db.prepare(
      `SELECT number, head, terms_through AS termsThrough FROM log_tenants WHERE head - terms_through >= ${eventsPerStep} LIMIT 1`,
    );
    this.#read = db.prepare(
      `SELECT e."offset", e.instance, e.chat, e.phone, e.message_id, e.unrecognised
       FROM event_places p CROSS JOIN events e ON e.position = p.position
       WHERE p.tenant = ? AND p."offset" > ? ORDER BY p."offset" LIMIT ${eventsPerStep}`,
    );
    // One call for all of a step: calls cost more than the rows. Two terms of an event may collide.
    this.#insert = db.prepare(
      "INSERT OR IGNORE INTO event_terms SELECT ?, ?, value FROM json_each(?)",
    );
    this.#saveThrough = db.prepare("UPDATE log_tenants SET terms_through = ? WHERE number = ?");
  }

  /**
   * Writes one step of one tenant, for events that have a place; false when nobody has a whole one. Tenants
   * are often due together, and all their steps at once would hold up the events that come.
   */
  step(): boolean {
    const log = this.#unfinished.get() as unknown as UnfinishedLog | undefined;
    if (!log) return false;
    this.#step(log);
    return true;
  }

  #step(log: UnfinishedLog): void {
    const events = this.#read.all(log.number, log.termsThrough) as unknown as readonly TermSource[];
    const entries = new Map<number, number[]>();
    for (const event of events) {
      const segment = segmentOf(event.offset);
      const ofSegment = entries.get(segment) ?? [];
      entries.set(segment, ofSegment);
      for (const term of termsOf(event)) ofSegment.push(entryOf(term, event.offset));
      log.termsThrough = event.offset;
    }
    // What is missing in between has expired.
    if (events.length < eventsPerStep) log.termsThrough = log.head;
    for (const [segment, numbers] of entries) {
      numbers.sort((a, b) => a - b);
      this.#insert.run(log.number, segment, `[${numbers.join()}]`);
    }
    this.#saveThrough.run(log.termsThrough, log.number);
  }
}
