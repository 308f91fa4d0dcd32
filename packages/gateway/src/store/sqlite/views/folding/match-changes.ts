import { mention, type MentionKind } from "../following/mention-kinds.ts";

/** An event that says something about a message, as the views hold it. Addresses are a person's one address. */
export interface Mention {
  readonly position: number;
  readonly offset: number;
  readonly kind: MentionKind;
  readonly chat?: string;
  readonly fromMe?: boolean;
  readonly person?: string;
  readonly status: number | null;
  /** Unix milliseconds. */
  readonly at: number;
}

/** A message with what was said about it, both in log order. */
export interface MatchedMessage {
  /** The first is the message; others are copies of it, for example with the content that it lacked. */
  readonly originals: readonly Mention[];
  readonly changes: readonly Mention[];
}

export interface Matched {
  readonly messages: readonly MatchedMessage[];
  /** Changes of a message that is not known, or of nobody knows which. */
  readonly unmatched: readonly Mention[];
}

interface Group {
  readonly originals: Mention[];
  readonly changes: Mention[];
}

/**
 * Which messages the events of one WhatsApp id are about. An id belongs to one message nearly always; a
 * broadcast list has the same in every chat. A change names its chat and direction as whoever made it sees
 * them (Evolution's `messages.edited` carries the editor's view), so they only choose where there is a
 * choice; a change that could be of several messages is nobody's rather than the wrong one's. Pure, and
 * independent of the order in which the events arrived.
 */
export function matchChanges(mentions: readonly Mention[]): Matched {
  const inLogOrder = mentions.toSorted((a, b) => a.offset - b.offset);
  const groups = new Map<string, Group>();
  for (const original of inLogOrder.filter(isMessage)) {
    const key = JSON.stringify([original.chat, original.fromMe, original.person]);
    const group = groups.get(key) ?? { originals: [], changes: [] };
    group.originals.push(original);
    groups.set(key, group);
  }
  const messages = [...groups.values()];
  const choices: Choices = {
    all: choiceOf(messages),
    byChat: new Map(
      [...Map.groupBy(messages, ({ originals }) => originals[0]?.chat)].map(([chat, own]) => [
        chat,
        choiceOf(own),
      ]),
    ),
  };
  const unmatched: Mention[] = [];
  for (const change of inLogOrder.filter((one) => !isMessage(one))) {
    const meant = messagesMeant(choices, change);
    if (meant.length === 0) unmatched.push(change);
    for (const group of meant) group.changes.push(change);
  }
  return { messages, unmatched };
}

export function isMessage({ kind }: Pick<Mention, "kind">): boolean {
  return kind <= mention.notice;
}

/** Messages to choose from. Made once: both messages and changes of one id can be thousands. */
interface Choice {
  readonly groups: readonly Group[];
  readonly byWay: ReadonlyMap<boolean | undefined, readonly Group[]>;
}

interface Choices {
  readonly all: Choice;
  readonly byChat: ReadonlyMap<string | undefined, Choice>;
}

function choiceOf(groups: readonly Group[]): Choice {
  return { groups, byWay: Map.groupBy(groups, ({ originals }) => originals[0]?.fromMe) };
}

function messagesMeant({ all, byChat }: Choices, change: Mention): readonly Group[] {
  if (all.groups.length <= 1) return all.groups;
  const { groups, byWay } = byChat.get(change.chat) ?? all;
  const narrowed = byWay.get(change.fromMe) ?? groups;
  return narrowed.length === 1 ? narrowed : [];
}
