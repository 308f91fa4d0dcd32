import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ChatSummary } from "@recado/protocol";
import type { ChatFilter, ViewPage } from "../../../contract/index.ts";
import { fact, type FactKind } from "../following/mention-kinds.ts";
import { chatKindOf } from "./address-forms.ts";
import type { Addresses, NumberOf } from "./addresses.ts";
import { lastMessageOf } from "./last-message.ts";
import type { MessageStates } from "./message-states.ts";
import type { Numbers } from "./numbers.ts";
import { countUnread, messagesAt, type ChatStep } from "./unread.ts";
import { readStep, walkBack, writeStep, type Step } from "./walk.ts";

/** Places that one question looks at; what lies behind them is another page. */
const maxLooks = 5_000;

interface PlaceRow extends Step {
  readonly scope: number;
  readonly address: string;
}

interface FactRow {
  readonly at: number;
  readonly offset: number;
  readonly value: number;
}

/** Lists of chats. A person's addresses are one chat, which stands where the newest of them stands. */
export class ChatReads {
  readonly #numbers: Numbers;
  readonly #addresses: Addresses;
  readonly #states: MessageStates;
  readonly #byActivity: StatementSync;
  readonly #place: StatementSync;
  readonly #messages: StatementSync;
  readonly #fact: StatementSync;
  readonly #members: StatementSync;

  constructor(
    views: DatabaseSync,
    parts: {
      readonly numbers: Numbers;
      readonly addresses: Addresses;
      readonly states: MessageStates;
    },
  ) {
    this.#numbers = parts.numbers;
    this.#addresses = parts.addresses;
    this.#states = parts.states;
    this.#byActivity = views.prepare(
      `SELECT last_at AS key, number AS position, scope, address FROM places
       WHERE last_at > 0 AND tenant = ? AND (last_at, number) < (?, ?)
       ORDER BY last_at DESC, number DESC LIMIT ?`,
    );
    this.#place = views.prepare(
      `SELECT last_at AS key, number AS position, scope, address FROM places
       WHERE tenant = ? AND address = ? AND scope = ?`,
    );
    this.#messages = views.prepare(
      `SELECT at AS key, position, "offset", state, kind, from_me AS fromMe FROM mentions
       WHERE kind <= 2 AND place = ? AND (at, position) < (?, ?)
       ORDER BY at DESC, position DESC LIMIT ?`,
    );
    this.#fact = views.prepare(
      `SELECT at, "offset", value FROM facts WHERE place = ? AND kind = ? AND "offset" >= ?`,
    );
    this.#members = views.prepare(
      `SELECT count(*) AS count FROM members
       WHERE place = ? AND is_member = 1 AND at >= ? AND "offset" >= ?`,
    );
  }

  list(tenantId: string, filter: ChatFilter): Omit<ViewPage<ChatSummary>, "complete"> {
    this.#addresses.begin();
    this.#states.begin();
    const numbers = this.#numbers.of(tenantId, filter.instanceIds);
    const byScope = new Map(numbers.map((number) => [number.scope, number]));
    const items: ChatSummary[] = [];
    const [any] = numbers;
    if (!any) return { items };
    const walk = walkBack<PlaceRow>(this.#byActivity, [any.tenant], readStep(filter.after));
    let looks = 0;
    let last: Step | undefined;
    for (const place of walk) {
      if (items.length >= filter.limit || looks >= maxLooks || this.#states.hasReadEnough)
        return { items, ...(last ? { next: writeStep(last) } : {}) };
      looks += 1;
      last = place;
      const number = byScope.get(place.scope);
      const chat = number && this.#chat(number, place, filter.unread ?? false);
      if (chat) items.push(chat);
    }
    return { items };
  }

  /** The chat whose newest address this is; undefined when it is another's, or nothing of it is wanted or left. */
  #chat(number: NumberOf, place: PlaceRow, onlyUnread: boolean): ChatSummary | undefined {
    const places = this.#placesOf(number, place.address);
    const isHead = places.every(
      ({ key, position }) => key < place.key || (key === place.key && position <= place.position),
    );
    if (!isHead) return undefined;
    const all = places.map(({ position }) => position);
    const [newest] = messagesAt(this.#messages, all, number.floor);
    const deleted = this.#newest(number, all, fact.deleted);
    if (!newest || (deleted && deleted.at >= newest.key)) return undefined;
    const unread = this.#unread(number, all);
    if (onlyUnread && unread === 0) return undefined;
    return this.#summary(number, place.address, all, newest, unread);
  }

  #placesOf(number: NumberOf, address: string): readonly PlaceRow[] {
    return this.#addresses.allAddresses(number, address).flatMap((one) => {
      const row = this.#place.get(number.tenant, one, number.scope);
      return row ? [row as unknown as PlaceRow] : [];
    });
  }

  #summary(
    number: NumberOf,
    address: string,
    places: readonly number[],
    newest: ChatStep,
    unread: number,
  ): ChatSummary | undefined {
    const last = this.#states.at(number, newest.state, newest.position);
    if (!last) return undefined;
    const { jid, name, phone } = this.#addresses.partyOf(number, address);
    const archived = this.#newest(number, places, fact.archived);
    const participants = this.#participants(number, places);
    return {
      id: jid,
      kind: chatKindOf(jid),
      instanceId: number.instance,
      ...(name === undefined ? {} : { name }),
      ...(phone === undefined ? {} : { phone }),
      unread,
      ...(archived ? { archived: archived.value === 1 } : {}),
      ...(participants === undefined ? {} : { participants }),
      lastMessage: lastMessageOf(this.#states.tell(last), newest.key),
      lastActivityAt: new Date(newest.key).toISOString(),
    };
  }

  #unread(number: NumberOf, places: readonly number[]): number {
    const read = this.#newest(number, places, fact.read);
    const stated = this.#newest(number, places, fact.unread);
    return countUnread(messagesAt(this.#messages, places, number.floor), {
      ...(read ? { readAt: read.at } : {}),
      ...(stated ? { stated: { at: stated.at, count: stated.value } } : {}),
    });
  }

  #participants(number: NumberOf, places: readonly number[]): number | undefined {
    const roster = this.#newest(number, places, fact.roster);
    const [place] = places;
    if (!roster || place === undefined) return undefined;
    return this.#members.get(place, roster.at, number.floor)?.["count"] as number | undefined;
  }

  #newest(number: NumberOf, places: readonly number[], kind: FactKind): FactRow | undefined {
    return places
      .flatMap((place) => {
        const row = this.#fact.get(place, kind, number.floor);
        return row ? [row as unknown as FactRow] : [];
      })
      .toSorted((a, b) => b.at - a.at || b.offset - a.offset)[0];
  }
}
