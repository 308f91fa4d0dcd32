import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { IndexedEvent, Membership, MessageMention } from "./index-event.ts";
import { mention } from "./mention-kinds.ts";
import type { TextIndex } from "./text-index.ts";
import { writeStatement } from "./write-statement.ts";

/** Where and when an event stands. */
export interface EventStanding {
  readonly position: number;
  /** The log's number. */
  readonly tenant: number;
  readonly offset: number;
  readonly instance: string;
  /** Unix milliseconds; see the schema. */
  readonly at: number;
}

/** Numbers that are remembered; more are looked up again. */
const maxRemembered = 20_000;

const newest = `ON CONFLICT DO UPDATE SET "offset" = excluded."offset", at = excluded.at`;
const isNewer = `WHERE (excluded.at, excluded."offset") > (at, "offset")`;

/** Writes what events say into the views; must run inside a transaction there. */
export class IndexWriter {
  readonly #scopeOf: StatementSync;
  readonly #newScope: StatementSync;
  readonly #placeOf: StatementSync;
  readonly #newPlace: StatementSync;
  readonly #touch: StatementSync;
  readonly #stateOf: StatementSync;
  readonly #newState: StatementSync;
  readonly #newMention: StatementSync;
  readonly #setFact: StatementSync;
  readonly #setMember: StatementSync;
  readonly #texts: TextIndex | undefined;
  readonly #numbers = new Map<string, number>();

  constructor(views: DatabaseSync, texts: TextIndex | undefined) {
    this.#scopeOf = views.prepare("SELECT number FROM scopes WHERE tenant = ? AND instance = ?");
    this.#newScope = writeStatement(views, "INSERT INTO scopes (tenant, instance) VALUES (?, ?)");
    this.#placeOf = views.prepare(
      "SELECT number FROM places WHERE tenant = ? AND address = ? AND scope = ?",
    );
    this.#newPlace = writeStatement(
      views,
      "INSERT INTO places (tenant, address, scope, last_at, last_offset) VALUES (?, ?, ?, 0, 0)",
    );
    this.#touch = writeStatement(
      views,
      "UPDATE places SET last_at = max(last_at, ?), last_offset = max(last_offset, ?) WHERE number = ?",
    );
    this.#stateOf = views.prepare("SELECT number FROM states WHERE scope = ? AND message_id = ?");
    this.#newState = writeStatement(views, "INSERT INTO states (scope, message_id) VALUES (?, ?)");
    this.#newMention = writeStatement(
      views,
      "INSERT INTO mentions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#setFact = writeStatement(
      views,
      `INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?) ${newest}, value = excluded.value ${isNewer}`,
    );
    this.#setMember = writeStatement(
      views,
      `INSERT INTO members VALUES (?, ?, ?, ?, ?, ?) ${newest}, is_member = excluded.is_member ${isNewer}`,
    );
    this.#texts = texts;
  }

  write(standing: EventStanding, indexed: IndexedEvent): void {
    const { tenant, offset, at } = standing;
    if (indexed.mention) this.#writeMention(standing, indexed.mention);
    for (const { address, kind, value } of indexed.facts) {
      const place = this.#place(standing, address, 0);
      this.#setFact.run(place, kind, tenant, offset, at, value);
    }
    if (indexed.membership) this.#writeMembers(standing, indexed.membership);
  }

  /** A transaction was rolled back, or rows were deleted: numbers may stand for something else. */
  forget(): void {
    this.#numbers.clear();
  }

  #writeMention(standing: EventStanding, told: MessageMention): void {
    const { position, tenant, offset, at } = standing;
    const scope = this.#scope(standing);
    const isMessage = told.kind <= mention.notice;
    const place =
      told.chat === undefined ? null : this.#place(standing, told.chat, isMessage ? at : 0);
    const person = told.person === undefined ? null : this.#place(standing, told.person, 0);
    const state =
      (this.#stateOf.get(scope, told.messageId)?.["number"] as number | undefined) ??
      Number(this.#newState.run(scope, told.messageId).lastInsertRowid);
    const fromMe = told.fromMe === undefined ? null : Number(told.fromMe);
    this.#newMention.run(
      position,
      tenant,
      offset,
      state,
      told.kind,
      place,
      fromMe,
      person,
      told.status ?? null,
      at,
    );
    if (told.text !== undefined) this.#texts?.add(position, tenant, told.text);
  }

  #writeMembers(standing: EventStanding, { group, people, isMember }: Membership): void {
    const { tenant, offset, at } = standing;
    const place = this.#place(standing, group, 0);
    for (const address of people) {
      const person = this.#place(standing, address, 0);
      this.#setMember.run(place, person, tenant, offset, at, Number(isMember));
    }
  }

  #scope({ tenant, instance }: EventStanding): number {
    return this.#number(`${tenant} ${instance}`, () => {
      const known = this.#scopeOf.get(tenant, instance)?.["number"] as number | undefined;
      return known ?? Number(this.#newScope.run(tenant, instance).lastInsertRowid);
    });
  }

  /** The number of an address; `activeAt` is the time of a message there, 0 for none. */
  #place(standing: EventStanding, address: string, activeAt: number): number {
    const scope = this.#scope(standing);
    const { tenant, offset } = standing;
    const number = this.#number(`${scope}\n${address}`, () => {
      const known = this.#placeOf.get(tenant, address, scope)?.["number"] as number | undefined;
      return known ?? Number(this.#newPlace.run(tenant, address, scope).lastInsertRowid);
    });
    this.#touch.run(activeAt, offset, number);
    return number;
  }

  #number(key: string, find: () => number): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = find();
    if (this.#numbers.size >= maxRemembered) this.#numbers.clear();
    this.#numbers.set(key, number);
    return number;
  }
}
