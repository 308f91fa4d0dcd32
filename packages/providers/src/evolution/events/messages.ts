import type { EventDraft } from "../../contract.ts";
import { lasting, messageIdentity } from "../../identity.ts";
import {
  flagAt,
  idAt,
  listOf,
  member,
  objectAt,
  pollVote,
  protocolChange,
  timeMs,
  wordAt,
} from "../../message/index.ts";
import { acknowledgementOf } from "../acknowledgement.ts";
import { whereabouts, type Whereabouts } from "../address.ts";
import { rowContent } from "../content.ts";
import { at, unread } from "../draft.ts";
import { messageRows, type Webhook } from "../wire.ts";
import { changeDraft } from "./edits.ts";

/** `messages.upsert` and `send.message`: messages, and what travels as one (reactions, votes, edits). */
export function messageDrafts(webhook: Webhook): readonly EventDraft[] {
  return messageRows(webhook.data).map((row, index) => messageDraft(webhook, row, index));
}

/** A row whose key is read. */
interface MessageRow {
  readonly row: unknown;
  readonly id: string;
  readonly fromMe: boolean;
  readonly where: Whereabouts;
  readonly occurredAt: number | undefined;
}

const bareNumber = /^\d{8,15}$/;

/** The EVOLUTION channel repeats the number that the API was given, without a server, in what it sends. */
function sentKey(key: unknown): unknown {
  const remote = member(key, "remoteJid");
  return typeof remote === "string" && bareNumber.test(remote)
    ? { remoteJid: `${remote}@s.whatsapp.net` }
    : key;
}

export function messageDraft(webhook: Webhook, row: unknown, index: number): EventDraft {
  const isSent = webhook.name === "send.message";
  const key = objectAt(row, "key");
  const id = idAt(key, "id");
  if (key === undefined || id === undefined) return unread(webhook, index, "missing_key");
  const fromMe = isSent || flagAt(key, "fromMe");
  const where = whereabouts(isSent ? sentKey(key) : key, {
    own: webhook.own,
    fromMe,
    name: member(row, "pushName"),
    participant: member(row, "participant"),
  });
  const occurredAt = timeMs(member(row, "messageTimestamp"));
  const read: MessageRow = { row, id, fromMe, where, occurredAt };
  const change = protocolChange(member(row, "message"));
  if (change !== undefined && change.kind !== "other") {
    const circumstances = { ...common(read), ...at(change.changedAt ?? occurredAt) };
    // An edit that only the devices can read has an id of its own, and nothing else to tell it by.
    const own = lasting("edit", change.messageId, `by:${id}`);
    return changeDraft(webhook, index, change, circumstances, own);
  }
  return voteDraft(read) ?? plainDraft(webhook, read);
}

function common(read: MessageRow): Pick<EventDraft, "occurredAt" | "chat" | "contact" | "fromMe"> {
  const { chat, contact } = read.where;
  return {
    ...at(read.occurredAt),
    ...(chat ? { chat } : {}),
    ...(contact ? { contact } : {}),
    fromMe: read.fromMe,
  };
}

/**
 * Meta's ids are unique by themselves, and its channel is known to give a message the address of
 * another customer when several write at once: the address must not make it a second message.
 */
export function isMetaId(id: string): boolean {
  return id.startsWith("wamid.");
}

function identityOf(kind: string, read: MessageRow): EventDraft["identity"] {
  const { id, fromMe, where } = read;
  const chat = isMetaId(id) ? undefined : where.chat?.id;
  return messageIdentity(kind, { id, fromMe, chat, participant: where.participant });
}

function voteDraft(read: MessageRow): EventDraft | undefined {
  const vote = pollVote(member(read.row, "message"));
  if (vote === undefined) return undefined;
  const options = vote.options ?? chosenIn(member(read.row, "pollUpdates"));
  return {
    ...common(read),
    type: "poll.voted",
    identity: identityOf("vote", read),
    data: {
      messageId: read.id,
      ...(vote.pollMessageId === undefined ? {} : { pollMessageId: vote.pollMessageId }),
      options: [...(options ?? [])],
      ...(options === undefined ? { failed: true as const } : {}),
    },
  };
}

/** Beside a vote stand the options with the voters of this vote alone. */
function chosenIn(options: unknown): readonly string[] | undefined {
  if (!Array.isArray(options)) return undefined;
  return listOf(options)
    .filter((option) => listOf(member(option, "voters")).length > 0)
    .map((option) => wordAt(option, "name"))
    .filter((name) => name !== undefined);
}

function plainDraft(webhook: Webhook, read: MessageRow): EventDraft {
  const { row, id } = read;
  const content = rowContent(row);
  if (content.kind === "reaction") {
    const { emoji, targetMessageId } = content;
    return {
      ...common(read),
      type: "message.reacted",
      identity: identityOf("reaction", read),
      data: { messageId: id, emoji, ...(targetMessageId === undefined ? {} : { targetMessageId }) },
    };
  }
  const acknowledgement = acknowledgementOf(member(row, "status"));
  const source = sourceOf(webhook, row);
  return {
    ...common(read),
    type: read.fromMe ? "message.sent" : "message.received",
    identity: identityOf("message", read),
    ...(content.unavailable ? { contentMissing: true as const } : {}),
    data: {
      messageId: id,
      content,
      ...(source === undefined ? {} : { source }),
      ...(acknowledgement?.status == null ? {} : { status: acknowledgement.status }),
      ...(acknowledgement === undefined ? {} : { statusName: acknowledgement.statusName }),
      ...(read.where.chat === undefined ? { warnings: ["no_address"] } : {}),
    },
  };
}

/** Servers guess the device from the form of the id, also for what the API itself sent. */
function sourceOf(webhook: Webhook, row: unknown): string | undefined {
  if (webhook.name === "send.message") return "api";
  const source = wordAt(row, "source");
  return source === "unknown" ? undefined : source;
}
