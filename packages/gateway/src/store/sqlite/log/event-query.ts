import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { EventFilter } from "../../contract/index.ts";
import { storedRowColumns, type StoredRow } from "../packing/stored-rows.ts";
import { entryOf, segmentOf, segmentSize, termsFor } from "./event-terms.ts";

/** Offsets from `first` to `last`, both included; empty when `first` is larger. */
export interface OffsetRange {
  readonly first: number;
  readonly last: number;
}

/** Where an event is that the index does not have yet. */
export interface EventPlace {
  readonly position: number;
  readonly offset: number;
}

export interface EventQueryScope {
  readonly tenant: number;
  /** Offsets that can match by their time. */
  readonly range: OffsetRange;
  /** Newest offset that is found by its terms; later ones are scanned. */
  readonly termsThrough: number;
}

interface Conditions {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** Everything a filter asks of an event itself. */
function conditionsOf(filter: EventFilter): Conditions {
  const candidates: readonly (readonly [string, SQLInputValue | undefined])[] = [
    ["e.message_id = ?", filter.messageId],
    phoneCondition(filter),
    ["e.chat = ?", filter.chatId],
    ["e.instance = ?", filter.instanceId],
    [
      "e.unrecognised = ?",
      filter.unrecognised === undefined ? undefined : Number(filter.unrecognised),
    ],
    ["e.from_me = ?", filter.fromMe === undefined ? undefined : Number(filter.fromMe)],
    ["e.type IN (SELECT value FROM json_each(?))", filter.types && JSON.stringify(filter.types)],
    ["e.received_at >= ?", filter.since],
    ["e.received_at < ?", filter.until],
  ];
  const given = candidates.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  return {
    sql: given.map(({ sql }) => ` AND ${sql}`).join(""),
    values: given.map(({ value }) => value),
  };
}

/** The column holds the digits of the contact's phone, or their LID where no phone was known. */
function phoneCondition({ phone, lids }: EventFilter): readonly [string, string | undefined] {
  if (phone === undefined || lids === undefined || lids.length === 0) return ["e.phone = ?", phone];
  return ["e.phone IN (SELECT value FROM json_each(?))", JSON.stringify([phone, ...lids])];
}

function intersect(range: OffsetRange, first: number, last: number): OffsetRange {
  return { first: Math.max(range.first, first), last: Math.min(range.last, last) };
}

/** One filter over one tenant's log. */
export class EventQuery {
  readonly #filter: EventFilter;
  readonly #scope: EventQueryScope;
  readonly #range: OffsetRange;
  readonly #isAscending: boolean;
  readonly #conditions: Conditions;
  /** Dense and ascending offsets. */
  readonly #fresh: readonly EventPlace[];
  readonly #rows: StoredRow[] = [];

  constructor(filter: EventFilter, scope: EventQueryScope, fresh: readonly EventPlace[]) {
    this.#fresh = fresh;
    this.#filter = filter;
    this.#scope = scope;
    this.#isAscending = filter.after !== undefined;
    this.#conditions = conditionsOf(filter);
    this.#range = intersect(
      scope.range,
      (filter.after ?? 0) + 1,
      (filter.before ?? Number.MAX_SAFE_INTEGER) - 1,
    );
  }

  run(db: DatabaseSync): readonly StoredRow[] {
    const terms = termsFor(this.#filter);
    if (terms.length === 0) {
      this.#scan(db, this.#range);
      return this.#rows;
    }
    const { termsThrough } = this.#scope;
    const byTerm = intersect(this.#range, 1, termsThrough);
    const newest = intersect(this.#range, termsThrough + 1, Number.MAX_SAFE_INTEGER);
    if (!this.#isAscending) this.#scan(db, newest);
    this.#walkSegments(db, terms, byTerm);
    if (this.#isAscending) this.#scan(db, newest);
    return this.#rows;
  }

  get #missing(): number {
    return this.#filter.limit - this.#rows.length;
  }

  get #direction(): "ASC" | "DESC" {
    return this.#isAscending ? "ASC" : "DESC";
  }

  /** The newest of a range are not in the index yet. */
  #scan(db: DatabaseSync, range: OffsetRange): void {
    if (range.first > range.last) return;
    if (!this.#isAscending) this.#scanFresh(db, range);
    this.#scanIndexed(db, range);
    if (this.#isAscending) this.#scanFresh(db, range);
  }

  #scanIndexed(db: DatabaseSync, range: OffsetRange): void {
    if (this.#missing <= 0) return;
    const statement = db.prepare(
      `SELECT ${storedRowColumns} FROM event_places p CROSS JOIN events e ON e.position = p.position
       WHERE p.tenant = ? AND p."offset" BETWEEN ? AND ?${this.#conditions.sql} ORDER BY p."offset" ${this.#direction} LIMIT ?`,
    );
    this.#collect(statement, [this.#scope.tenant, range.first, range.last]);
  }

  #scanFresh(db: DatabaseSync, range: OffsetRange): void {
    if (this.#missing <= 0) return;
    const events = this.#fresh.filter(
      ({ offset }) => offset >= range.first && offset <= range.last,
    );
    if (events.length === 0) return;
    const statement = db.prepare(
      `SELECT ${storedRowColumns} FROM json_each(?) p CROSS JOIN events e ON e.position = p.value
       WHERE TRUE${this.#conditions.sql} ORDER BY e.position ${this.#direction} LIMIT ?`,
    );
    this.#collect(statement, [JSON.stringify(events.map((event) => event.position))]);
  }

  #walkSegments(db: DatabaseSync, terms: readonly number[], range: OffsetRange): void {
    if (range.first > range.last) return;
    // CROSS JOIN keeps the order: the terms find the events, never the other way round.
    const statement = db.prepare(
      `SELECT ${storedRowColumns} FROM event_terms t
         CROSS JOIN event_places p
           ON p.tenant = t.tenant AND p."offset" = t.segment * ${segmentSize} + t.entry % ${segmentSize}
         CROSS JOIN events e ON e.position = p.position
       WHERE t.tenant = ? AND t.segment = ? AND t.entry BETWEEN ? AND ?${this.#conditions.sql}
       ORDER BY t.entry ${this.#direction} LIMIT ?`,
    );
    const low = segmentOf(range.first);
    const high = segmentOf(range.last);
    for (let step = 0; step <= high - low && this.#missing > 0; step += 1) {
      const segment = this.#isAscending ? low + step : high - step;
      const first = Math.max(range.first, segment * segmentSize);
      const last = Math.min(range.last, (segment + 1) * segmentSize - 1);
      const found = terms.map((term) =>
        this.#read(statement, [
          this.#scope.tenant,
          segment,
          entryOf(term, first),
          entryOf(term, last),
        ]),
      );
      this.#rows.push(...(found.length === 1 ? (found[0] ?? []) : this.#merged(found)));
    }
  }

  /** What several terms found in one segment, in order; terms that collide find the same event. */
  #merged(found: readonly (readonly StoredRow[])[]): readonly StoredRow[] {
    const byOffset = new Map(found.flat().map((row) => [row.offset, row]));
    const sign = this.#isAscending ? 1 : -1;
    return [...byOffset.values()]
      .toSorted((a, b) => sign * (a.offset - b.offset))
      .slice(0, this.#missing);
  }

  #collect(statement: StatementSync, place: readonly SQLInputValue[]): void {
    for (const row of this.#read(statement, place)) this.#rows.push(row);
  }

  #read(statement: StatementSync, place: readonly SQLInputValue[]): readonly StoredRow[] {
    const found = statement.all(...place, ...this.#conditions.values, this.#missing);
    return found as unknown as readonly StoredRow[];
  }
}
