import type { EventOf, RecadoEvent } from "@recado/protocol";
import { fact, mention, type FactKind, type MentionKind } from "./mention-kinds.ts";

/** What an event says about one message. Addresses are as the event states them. */
export interface MessageMention {
  readonly messageId: string;
  readonly kind: MentionKind;
  readonly chat?: string;
  readonly fromMe?: boolean;
  /** Of a message: who wrote it, in a group; of an acknowledgement: whose it is, in a group. */
  readonly person?: string;
  /** Of an acknowledgement; null: a word that is no state. */
  readonly status?: number | null;
  /** What it says, for text search. */
  readonly text?: string;
}

export interface AddressFact {
  readonly address: string;
  readonly kind: FactKind;
  readonly value: string | number;
}

export interface Membership {
  readonly group: string;
  readonly people: readonly string[];
  readonly isMember: boolean;
}

/** What is kept of an event to find it again and to show names and chats. */
export interface IndexedEvent {
  readonly mention?: MessageMention;
  readonly facts: readonly AddressFact[];
  readonly membership?: Membership;
}

/** Types that say something here; the others are not read at all. */
export const indexedTypes = [
  "message.received",
  "message.sent",
  "message.edited",
  "message.deleted",
  "message.reacted",
  "message.acked",
  "poll.voted",
  "contact.updated",
  "chat.updated",
  "chat.deleted",
  "group.updated",
  "group.participants_changed",
] as const satisfies readonly RecadoEvent["type"][];

/** At most this many members are taken from one event; WhatsApp's largest communities have 5,000. */
const maxPeople = 5_000;
const readStatus = 3;

/** Pure. */
export function indexEvent(event: RecadoEvent): IndexedEvent {
  switch (event.type) {
    case "message.received":
    case "message.sent":
      return indexMessage(event);
    case "message.edited":
      return changeOf(event, mention.edit, event.data.messageId, textOf(event.data.content));
    case "message.deleted":
      return changeOf(event, mention.deletion, event.data.messageId);
    case "message.reacted":
      return changeOf(event, mention.reaction, event.data.targetMessageId);
    case "poll.voted":
      return changeOf(event, mention.vote, event.data.pollMessageId);
    case "message.acked":
      return indexAck(event);
    case "contact.updated":
      return { facts: named(event.contact?.jid, event.data.name) };
    case "chat.updated":
      return { facts: chatFacts(event) };
    case "chat.deleted":
      return { facts: factOf(event.chat?.id, fact.deleted, 1) };
    case "group.updated":
      return indexGroup(event);
    case "group.participants_changed":
      return membershipOf(event);
    default:
      return { facts: [] };
  }
}

/** Text and caption of a content, undefined when it has none. */
export function textOf(
  content:
    | { readonly text?: string | undefined; readonly caption?: string | undefined }
    | undefined,
): string | undefined {
  const text = [content?.text, content?.caption].filter((part) => part !== undefined).join("\n");
  return text === "" ? undefined : text;
}

function indexMessage(event: EventOf<"message.received"> | EventOf<"message.sent">): IndexedEvent {
  const { chat, contact, data } = event;
  const fromMe = event.type === "message.sent";
  const { kind } = data.content;
  const text = textOf(data.content);
  const writer =
    !fromMe && chat?.kind !== "person" && contact?.jid !== chat?.id ? contact : undefined;
  return {
    mention: {
      messageId: data.messageId,
      kind: kind === "system" ? mention.notice : mention.message,
      fromMe,
      ...(chat ? { chat: chat.id } : {}),
      ...(writer ? { person: writer.jid } : {}),
      ...(text === undefined ? {} : { text }),
    },
    // Beside our own messages providers give our own name.
    facts: fromMe ? [] : named(contact?.jid, contact?.name),
  };
}

function changeOf(
  event: RecadoEvent,
  kind: MentionKind,
  messageId: string | undefined,
  text?: string,
): IndexedEvent {
  if (messageId === undefined) return { facts: [] };
  return {
    mention: {
      messageId,
      kind,
      ...(event.chat ? { chat: event.chat.id } : {}),
      ...(event.fromMe === undefined ? {} : { fromMe: event.fromMe }),
      ...(text === undefined ? {} : { text }),
    },
    facts: [],
  };
}

function indexAck(event: EventOf<"message.acked">): IndexedEvent {
  const { messageId, status, participant } = event.data;
  const { mention: change } = changeOf(event, mention.ack, messageId);
  const isGroup = event.chat !== undefined && event.chat.kind !== "person";
  const person = isGroup && participant?.jid !== event.chat.id ? participant?.jid : undefined;
  const isOurReading = event.fromMe === false && (status ?? -1) >= readStatus;
  return {
    ...(change
      ? { mention: { ...change, status, ...(person === undefined ? {} : { person }) } }
      : {}),
    facts: isOurReading ? factOf(event.chat?.id, fact.read, 1) : [],
  };
}

function chatFacts({ chat, data }: EventOf<"chat.updated">): readonly AddressFact[] {
  const { name, unread, archived, warnings } = data;
  const isFiller = warnings?.includes("unread_may_be_a_filler") ?? false;
  return [
    ...named(chat?.id, name),
    ...(unread === undefined || isFiller ? [] : factOf(chat?.id, fact.unread, unread)),
    ...(archived === undefined ? [] : factOf(chat?.id, fact.archived, archived ? 1 : 0)),
  ];
}

function indexGroup(event: EventOf<"group.updated">): IndexedEvent {
  const { chat, data } = event;
  const people = data.participants;
  return {
    facts: [
      ...named(chat?.id, data.subject),
      ...(people ? factOf(chat?.id, fact.roster, people.length) : []),
    ],
    ...(chat && people
      ? { membership: { group: chat.id, people: addressesOf(people), isMember: true } }
      : {}),
  };
}

function membershipOf({ chat, data }: EventOf<"group.participants_changed">): IndexedEvent {
  const { action, participants } = data;
  const isMember = action === "add" ? true : action === "remove" ? false : undefined;
  if (!chat || isMember === undefined) return { facts: [] };
  return { facts: [], membership: { group: chat.id, people: addressesOf(participants), isMember } };
}

function addressesOf(people: readonly { readonly jid: string }[]): readonly string[] {
  return [...new Set(people.slice(0, maxPeople).map(({ jid }) => jid))];
}

/** An empty name says nothing: it never erases one. */
function named(address: string | undefined, name: string | undefined): readonly AddressFact[] {
  const told = name?.trim();
  return told ? factOf(address, fact.name, told) : [];
}

function factOf(
  address: string | undefined,
  kind: FactKind,
  value: string | number,
): readonly AddressFact[] {
  return address === undefined ? [] : [{ address, kind, value }];
}
