import type {
  Contact,
  EventData,
  EventOf,
  Message,
  MessageContent,
  RecadoEvent,
} from "@recado/protocol";
import { foldAcks, type PartyOf, type Reported } from "./fold-acks.ts";

/** An event about a message with its place in the log. */
export interface Told<E extends RecadoEvent = RecadoEvent> {
  readonly offset: number;
  /** Unix milliseconds; see the schema. */
  readonly at: number;
  readonly event: E;
}

export interface MessageEvents {
  /** Of one message; the first of them in the log is the message. Empty: only changes are known. */
  readonly originals: readonly Told[];
  readonly changes: readonly Told[];
  readonly acks: readonly Reported[];
}

type Folded = Pick<
  Message,
  "content" | "originalContent" | "edits" | "deleted" | "reactions" | "votes" | "ack"
>;
type Doer = Pick<Message["reactions"][number], "fromMe" | "by">;

/** Edits that are shown. */
const maxEdits = 50;
/** Reactions and votes that are shown, one per person. */
const maxPeople = 1_000;

/**
 * What became of a message. Pure; the order in which the events arrived changes nothing but histories: what
 * happened last by its own time counts, and of one moment what is later in the log.
 */
export function foldMessage(events: MessageEvents, partyOf: PartyOf): Folded {
  const originals = events.originals.toSorted((a, b) => a.offset - b.offset);
  const changes = events.changes.toSorted((a, b) => a.at - b.at || a.offset - b.offset);
  const said = firstContent(originals);
  const edits = ofType(changes, "message.edited");
  const newest = edits.findLast(({ event }) => isContent(event.data.content))?.event.data.content;
  const content = newest ? editedContent(said, newest) : said;
  const deletion = ofType(changes, "message.deleted")[0];
  const ack = foldAcks(events.acks, originals.flatMap(statedState), partyOf);
  const shown = content ?? deletion?.event.data.content;
  return {
    ...(shown ? { content: shown } : {}),
    ...(newest && said ? { originalContent: said } : {}),
    edits: edits.slice(-maxEdits).map((told) => ({
      ...toldBy(told),
      ...(told.event.data.content ? { content: told.event.data.content } : {}),
    })),
    ...(deletion
      ? { deleted: { ...toldBy(deletion), ...deleterOf(deletion.event, originals[0], partyOf) } }
      : {}),
    reactions: reactionsOf(ofType(changes, "message.reacted"), partyOf),
    votes: votesOf(ofType(changes, "poll.voted"), partyOf),
    ...(ack ? { ack } : {}),
  };
}

/**
 * A new text beside a file is its caption. What an edit of the same kind does not repeat (the file, the quoted
 * message) is still there.
 */
export function editedContent(
  before: MessageContent | undefined,
  edit: MessageContent,
): MessageContent {
  if (!before) return edit;
  if (before.kind === edit.kind) return { ...before, ...edit };
  if (before.media && edit.kind === "text" && edit.text !== undefined)
    return { ...before, caption: edit.text };
  return edit;
}

/** A later copy of a message brings what the first one lacked, and replaces nothing. */
function firstContent(originals: readonly Told[]): MessageContent | undefined {
  const contents = originals.flatMap(({ event }) =>
    isOriginal(event) ? [event.data.content] : [],
  );
  return contents.find(isContent) ?? contents[0];
}

function isContent(content: MessageContent | undefined): content is MessageContent {
  return content !== undefined && content.unavailable !== true;
}

function isOriginal(
  event: RecadoEvent,
): event is EventOf<"message.received"> | EventOf<"message.sent"> {
  return event.type === "message.received" || event.type === "message.sent";
}

function ofType<T extends RecadoEvent["type"]>(
  told: readonly Told[],
  type: T,
): readonly Told<Extract<RecadoEvent, { readonly type: T }>>[] {
  return told.filter(({ event }) => event.type === type) as unknown as readonly Told<
    Extract<RecadoEvent, { readonly type: T }>
  >[];
}

/** The state with which a message was reported. */
function statedState({ offset, at, event }: Told): readonly Reported[] {
  const data: Partial<EventData["message.sent"]> = isOriginal(event) ? event.data : {};
  return data.status === undefined ? [] : [{ offset, at, status: data.status }];
}

function toldBy({ at, event }: Told): { readonly at: string; readonly eventId: string } {
  return { at: new Date(at).toISOString(), eventId: event.id };
}

/** In a direct chat the contact is the other person, whoever acted: an act of ours is only ours. */
function doerOf(event: RecadoEvent, partyOf: PartyOf): Doer {
  if (event.fromMe === true) return { fromMe: true };
  const contact: Contact | undefined = event.contact;
  return contact ? { by: partyOf(contact.jid) } : {};
}

/**
 * In a direct chat nobody but its writer can delete a message for everybody, and the provider may tell it as
 * the deleting person sees it.
 */
function deleterOf(deletion: RecadoEvent, original: Told | undefined, partyOf: PartyOf): Doer {
  const isDirect = original?.event.chat?.kind === "person";
  if (!original || !isDirect) return doerOf(deletion, partyOf);
  if (original.event.type === "message.sent") return { fromMe: true };
  return original.event.contact ? { by: partyOf(original.event.contact.jid) } : {};
}

function personKey({ fromMe, by }: Doer): string {
  return fromMe ? "me" : (by?.jid ?? "");
}

function reactionsOf(
  told: readonly Told<EventOf<"message.reacted">>[],
  partyOf: PartyOf,
): Message["reactions"] {
  const byPerson = new Map<string, Message["reactions"][number]>();
  for (const one of told) {
    const doer = doerOf(one.event, partyOf);
    byPerson.set(personKey(doer), { ...toldBy(one), ...doer, emoji: one.event.data.emoji });
  }
  return [...byPerson.values()].filter(({ emoji }) => emoji !== "").slice(0, maxPeople);
}

function votesOf(told: readonly Told<EventOf<"poll.voted">>[], partyOf: PartyOf): Message["votes"] {
  const byPerson = new Map<string, Message["votes"][number]>();
  for (const one of told) {
    const { options, failed } = one.event.data;
    const doer = doerOf(one.event, partyOf);
    const vote = { ...toldBy(one), ...doer, options, ...(failed ? { failed } : {}) };
    byPerson.set(personKey(doer), vote);
  }
  return [...byPerson.values()]
    .filter(({ options, failed }) => options.length > 0 || failed)
    .slice(0, maxPeople);
}
