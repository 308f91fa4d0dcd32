import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Message } from "@recado/protocol";
import type { MessageFilter, ViewPage } from "../../../contract/index.ts";
import { mention } from "../following/mention-kinds.ts";
import type { Mention } from "../folding/match-changes.ts";
import type { Addresses, NumberOf } from "./addresses.ts";
import type { MessageState, MessageStates } from "./message-states.ts";
import type { Numbers } from "./numbers.ts";
import { matchText } from "./text-match.ts";
import { mergeWalks, readStep, walkBack, writeStep, type Step } from "./walk.ts";

/** Rows that one question looks at; what lies behind them is another page. */
const maxLooks = 5_000;

interface Candidate extends Step {
  readonly state: number;
  readonly scope: number;
}

type Page = Omit<ViewPage<Message>, "complete">;

/** Lists of messages. */
export class MessageReads {
  readonly #numbers: Numbers;
  readonly #addresses: Addresses;
  readonly #states: MessageStates;
  readonly #places: StatementSync;
  readonly #byPlace: StatementSync;
  readonly #byPerson: StatementSync;
  readonly #state: StatementSync;
  readonly #byText: StatementSync | undefined;
  readonly #newestHit: StatementSync | undefined;
  /** Of this question: by an id's number, the newest of its events that match. */
  readonly #hits = new Map<number, number | null | undefined>();

  constructor(
    views: DatabaseSync,
    textSearch: boolean,
    parts: {
      readonly numbers: Numbers;
      readonly addresses: Addresses;
      readonly states: MessageStates;
    },
  ) {
    this.#numbers = parts.numbers;
    this.#addresses = parts.addresses;
    this.#states = parts.states;
    this.#places = views.prepare(
      "SELECT number, scope FROM places WHERE tenant = ? AND address = ?",
    );
    const messages = (column: "place" | "person"): StatementSync =>
      views.prepare(
        `SELECT m.at AS key, m.position, m.state, s.scope FROM mentions m JOIN states s ON s.number = m.state
         WHERE m.kind <= 2 AND m.${column} = ? AND (m.at, m.position) < (?, ?)
         ORDER BY m.at DESC, m.position DESC LIMIT ?`,
      );
    this.#byPlace = messages("place");
    this.#byPerson = messages("person");
    this.#state = views.prepare("SELECT number FROM states WHERE scope = ? AND message_id = ?");
    if (!textSearch) return;
    this.#byText = views.prepare(
      `SELECT t.rowid AS key, t.rowid AS position, m.state, s.scope
       FROM texts t JOIN mentions m ON m.position = t.rowid JOIN states s ON s.number = m.state
       WHERE texts MATCH ? AND t.rowid < min(?, ?) ORDER BY t.rowid DESC LIMIT ?`,
    );
    this.#newestHit = views.prepare(
      `SELECT max(t.rowid) AS position FROM mentions m CROSS JOIN texts t ON t.rowid = m.position
       WHERE m.state = ? AND texts MATCH ?`,
    );
  }

  list(tenantId: string, filter: MessageFilter): Page {
    this.#addresses.begin();
    this.#states.begin();
    this.#hits.clear();
    const numbers = this.#numbers.of(tenantId, filter.instanceIds);
    const byScope = new Map(numbers.map((number) => [number.scope, number]));
    if (filter.messageId !== undefined) return this.#byId(numbers, filter, filter.messageId);
    const items: Message[] = [];
    let looks = 0;
    let last: Step | undefined;
    for (const candidate of this.#candidates(numbers, filter)) {
      if (items.length >= filter.limit || looks >= maxLooks || this.#states.hasReadEnough)
        return { items, ...(last ? { next: writeStep(last) } : {}) };
      looks += 1;
      last = candidate;
      if (filter.text === undefined && candidate.key < (filter.since ?? 0)) break;
      const number = byScope.get(candidate.scope);
      if (!number) continue;
      const state = this.#states.at(number, candidate.state, candidate.position);
      if (!state || !this.#isHere(state, candidate, filter) || !this.#isAsked(state, filter))
        continue;
      items.push(this.#states.tell(state));
    }
    return { items };
  }

  /** A handful at most: an id names one message nearly always. */
  #byId(numbers: readonly NumberOf[], filter: MessageFilter, messageId: string): Page {
    const from = readStep(filter.after);
    const found = numbers
      .flatMap((number) => {
        const state = this.#state.get(number.scope, messageId)?.["number"] as number | undefined;
        return state === undefined ? [] : this.#states.of(number, state);
      })
      .filter((state) => this.#isAsked(state, filter))
      .map((state) => ({ state, step: stepOf(state) }))
      .filter(({ step }) => compare(step, from) > 0)
      .toSorted((a, b) => compare(a.step, b.step));
    const page = found.slice(0, filter.limit);
    const last = page.at(-1);
    return {
      items: page.map(({ state }) => this.#states.tell(state)),
      ...(last && found.length > page.length ? { next: writeStep(last.step) } : {}),
    };
  }

  #candidates(numbers: readonly NumberOf[], filter: MessageFilter): Generator<Candidate> {
    const { text, chat, phone, until } = filter;
    const after = readStep(filter.after);
    const tenant = numbers[0]?.tenant;
    if (text !== undefined) {
      const match = tenant === undefined ? undefined : matchText(tenant, text);
      if (!this.#byText || match === undefined) return mergeWalks<Candidate>([]);
      return walkBack<Candidate>(this.#byText, [match], after);
    }
    const isBeyond = until !== undefined && until <= after.key;
    const from = isBeyond ? { key: until, position: 0 } : after;
    const walks: Generator<Candidate>[] = [];
    const jid = chat ?? `${phone}@s.whatsapp.net`;
    for (const address of this.#addresses.candidates(numbers, jid)) {
      for (const place of tenant === undefined ? [] : this.#places.all(tenant, address)) {
        const number = place["number"] as number;
        walks.push(walkBack<Candidate>(this.#byPlace, [number], from));
        if (chat === undefined) walks.push(walkBack<Candidate>(this.#byPerson, [number], from));
      }
    }
    return mergeWalks(walks);
  }

  /** Whether a row stands for a message, which has one for each of its copies. */
  #isHere(state: MessageState, candidate: Candidate, { text }: MessageFilter): boolean {
    if (text === undefined) return state.originals[0]?.position === candidate.position;
    const withText = [...state.originals, ...state.changes.filter(isEdit)];
    const isOwn = withText.some(({ position }) => position === candidate.position);
    const match = matchText(state.number.tenant, text);
    if (!isOwn || match === undefined || state.originals.length === 0) return false;
    if (withText.length === 1) return true;
    this.#states.countLooked(withText.length);
    // Once for each id: a message that was edited a thousand times has as many candidates.
    if (!this.#hits.has(candidate.state)) {
      const hit = this.#newestHit?.get(candidate.state, match)?.["position"];
      this.#hits.set(candidate.state, hit as number | null | undefined);
    }
    return this.#hits.get(candidate.state) === candidate.position;
  }

  #isAsked(state: MessageState, filter: MessageFilter): boolean {
    const { number, originals } = state;
    const [first] = originals;
    const chat = this.#states.chatOf(state);
    const one = (address: string) => this.#addresses.oneAddress(number, address);
    if (filter.chat !== undefined && chat !== one(filter.chat)) return false;
    if (filter.phone !== undefined) {
      const person = `${filter.phone}@s.whatsapp.net`;
      if (chat !== person && first?.person !== person) return false;
    }
    if (filter.fromMe !== undefined && first?.fromMe !== filter.fromMe) return false;
    if (filter.since !== undefined && !(first && first.at >= filter.since)) return false;
    return filter.until === undefined || (first !== undefined && first.at < filter.until);
  }
}

function isEdit({ kind }: Mention): boolean {
  return kind === mention.edit;
}

function stepOf({ originals, changes }: MessageState): Step {
  const first = originals[0] ?? changes[0];
  return { key: first?.at ?? 0, position: first?.position ?? 0 };
}

/** Newest first. */
function compare(a: Step, b: Step): number {
  return b.key - a.key || b.position - a.position;
}
