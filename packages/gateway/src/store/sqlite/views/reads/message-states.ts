import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Message, RecadoEvent } from "@recado/protocol";
import { mention, type MentionKind } from "../following/mention-kinds.ts";
import { foldMessage, type Told } from "../folding/fold-message.ts";
import { matchChanges, type MatchedMessage, type Mention } from "../folding/match-changes.ts";
import { chatKindOf } from "./address-forms.ts";
import type { Addresses, NumberOf } from "./addresses.ts";
import type { EventTexts } from "./event-texts.ts";

/** Events of one WhatsApp id that are looked at, messages first and then the newest. */
const maxMentions = 5_000;
/** Of them, those whose whole event is read: acknowledgements are not. */
const maxEventsRead = 1_000;
/** Mentions that one question looks at, and how many of them an event counts that is read whole. */
const maxLooked = 200_000;
const eventCounts = 10;
/** Mentions that are remembered within one question; more are looked up again. */
const maxRemembered = 50_000;
/** Events that are named. */
const maxEventsNamed = 200;

interface MentionRow {
  readonly position: number;
  readonly offset: number;
  readonly kind: MentionKind;
  readonly chat: string | null;
  readonly fromMe: number | null;
  readonly person: string | null;
  readonly status: number | null;
  readonly at: number;
}

/** One message of a WhatsApp id, with what is needed to tell it. */
export interface MessageState extends MatchedMessage {
  readonly number: NumberOf;
  readonly messageId: string;
}

/** Messages by the views' number of their WhatsApp id, folded from their events. */
export class MessageStates {
  readonly #mentions: StatementSync;
  readonly #messageId: StatementSync;
  readonly #addresses: Addresses;
  readonly #texts: EventTexts;
  /** By an id's number, its messages by the positions of what they are made of. */
  readonly #known = new Map<number, ReadonlyMap<number, MessageState>>();
  #remembered = 0;
  #looked = 0;

  constructor(views: DatabaseSync, addresses: Addresses, texts: EventTexts) {
    this.#addresses = addresses;
    this.#texts = texts;
    this.#mentions = views.prepare(
      `SELECT m.position, m."offset", m.kind, c.address AS chat, m.from_me AS fromMe,
              p.address AS person, m.status, m.at
       FROM mentions m LEFT JOIN places c ON c.number = m.place LEFT JOIN places p ON p.number = m.person
       WHERE m.state = ? AND m."offset" >= ? ORDER BY m.kind > ${mention.notice}, m.position DESC LIMIT ${maxMentions}`,
    );
    this.#messageId = views.prepare("SELECT message_id AS id FROM states WHERE number = ?");
  }

  /** Begins a question. */
  begin(): void {
    this.#known.clear();
    this.#remembered = 0;
    this.#looked = 0;
  }

  /** So much was read for this question that the rest should be another page. */
  get hasReadEnough(): boolean {
    return this.#looked >= maxLooked;
  }

  /** Somebody looked at so many mentions beside. */
  countLooked(mentions: number): void {
    this.#looked += mentions;
  }

  /**
   * The message that the event at a position is, or is a change of. An id that thousands of messages have is
   * read once for each question, not once for each of them.
   */
  at(number: NumberOf, state: number, position: number): MessageState | undefined {
    const known = this.#known.get(state);
    if (known) return known.get(position);
    const byPosition = new Map<number, MessageState>();
    for (const one of this.of(number, state)) {
      for (const { position: place } of [...one.originals, ...one.changes])
        byPosition.set(place, one);
    }
    this.#remembered += byPosition.size;
    if (this.#remembered > maxRemembered) {
      this.#known.clear();
      this.#remembered = byPosition.size;
    }
    this.#known.set(state, byPosition);
    return byPosition.get(position);
  }

  /** The messages of an id at a number; without any, one that holds the changes that are known. */
  of(number: NumberOf, state: number): readonly MessageState[] {
    const messageId = this.#messageId.get(state)?.["id"] as string | undefined;
    if (messageId === undefined) return [];
    const rows = this.#mentions.all(state, number.floor) as unknown as readonly MentionRow[];
    this.#looked += rows.length;
    const { messages, unmatched } = matchChanges(rows.map((row) => this.#mention(number, row)));
    const known = messages.length > 0 || unmatched.length === 0 ? messages : [];
    if (known.length > 0) return known.map((one) => ({ ...one, number, messageId }));
    return unmatched.length === 0 ? [] : [{ originals: [], changes: unmatched, number, messageId }];
  }

  /** The chat's one address; absent when no event names it. */
  chatOf({ originals, changes }: MatchedMessage): string | undefined {
    return originals[0]?.chat ?? changes.find(({ chat }) => chat !== undefined)?.chat;
  }

  tell(state: MessageState): Message {
    const { number, messageId, originals, changes } = state;
    const partyOf = (jid: string) => this.#addresses.partyOf(number, jid);
    const acks = changes.filter(({ kind }) => kind === mention.ack);
    const others = changes.filter(({ kind }) => kind !== mention.ack);
    const told = originals.flatMap((one) => this.#read(one));
    const folded = foldMessage(
      {
        originals: told,
        changes: others.slice(-maxEventsRead).flatMap((one) => this.#read(one)),
        acks,
      },
      partyOf,
    );
    const chat = this.chatOf(state);
    return {
      id: messageId,
      instanceId: number.instance,
      ...(chat === undefined ? {} : { chat: { id: chat, kind: chatKindOf(chat) } }),
      ...this.#firstTold(told, partyOf),
      ...folded,
      events: this.#names([...originals, ...changes]),
    };
  }

  /** What the message itself says beside its content. */
  #firstTold(
    told: readonly Told[],
    partyOf: (jid: string) => NonNullable<Message["contact"]>,
  ): Partial<Message> {
    const [first] = told;
    if (!first) return {};
    const { event, at } = first;
    const { source } = event.data as { readonly source?: string };
    return {
      direction: event.type === "message.sent" ? "out" : "in",
      ...(event.contact ? { contact: partyOf(event.contact.jid) } : {}),
      at: new Date(at).toISOString(),
      receivedAt: event.receivedAt,
      ...(source === undefined ? {} : { source }),
      ...(event.late ? { late: true } : {}),
      ...(event.recovered ? { recovered: true } : {}),
    };
  }

  #mention(number: NumberOf, row: MentionRow): Mention {
    const { position, offset, kind, status, at, chat, fromMe, person } = row;
    return {
      position,
      offset,
      kind,
      status,
      at,
      ...(chat === null ? {} : { chat: this.#addresses.oneAddress(number, chat) }),
      ...(fromMe === null ? {} : { fromMe: fromMe === 1 }),
      ...(person === null ? {} : { person: this.#addresses.oneAddress(number, person) }),
    };
  }

  #read({ position, offset, at }: Mention): readonly Told[] {
    this.#looked += eventCounts;
    const event: RecadoEvent | undefined = this.#texts.eventAt(position);
    return event ? [{ offset, at, event }] : [];
  }

  #names(mentions: readonly Mention[]): Message["events"] {
    return mentions
      .toSorted((a, b) => a.offset - b.offset)
      .slice(-maxEventsNamed)
      .flatMap(({ position, offset }) => {
        const name = this.#texts.nameAt(position);
        return name ? [{ ...name, offset }] : [];
      });
  }
}
