import type { MessageContent } from "@recado/protocol";
import type { EventDraft, EventIdentity } from "../../contract.ts";
import { hashOf, lasting } from "../../identity.ts";
import { chatAt, contactFrom, parseJid } from "../../jid.ts";
import {
  firstMember,
  flagAt,
  idAt,
  member,
  objectAt,
  objectOf,
  protocolChange,
  protocolChangeOf,
  wordAt,
  type ProtocolChange,
} from "../../message/index.ts";
import { whereabouts } from "../address.ts";
import { rowContent } from "../content.ts";
import { at, boundToBody, unread } from "../draft.ts";
import { keyOf, rowsOf, type Webhook } from "../wire.ts";

/** Edits and deletions, in each of the events that carry them. */

type Circumstances = Pick<EventDraft, "chat" | "contact" | "fromMe" | "occurredAt">;
type ReadChange = Exclude<ProtocolChange, { kind: "other" }>;

/**
 * An edit shares its id with the message, so its time is what makes it another occurrence; without one
 * its text does. A deletion happens once, however many events announce it.
 */
function changeIdentity(change: ReadChange): EventIdentity | undefined {
  if (change.kind === "deleted") return lasting("delete", change.messageId);
  return editIdentity(change.messageId, change.changedAt, change.content);
}

export function editIdentity(
  messageId: string,
  changedAt: number | undefined,
  content: MessageContent | undefined,
): EventIdentity | undefined {
  if (changedAt !== undefined) return lasting("edit", messageId, changedAt);
  return content === undefined
    ? undefined
    : lasting("edit", messageId, `content:${hashOf(content)}`);
}

export function changeDraft(
  webhook: Webhook,
  index: number,
  change: ReadChange,
  circumstances: Circumstances,
  fallback: EventIdentity = boundToBody(webhook, index),
): EventDraft {
  const identity = changeIdentity(change) ?? fallback;
  const { messageId } = change;
  if (change.kind === "deleted") {
    return { ...circumstances, type: "message.deleted", identity, data: { messageId } };
  }
  const { content } = change;
  return {
    ...circumstances,
    type: "message.edited",
    identity,
    data: { messageId, ...(content === undefined ? {} : { content }) },
  };
}

/**
 * `messages.edited` (any protocol message of a contact or of ours) and `send.message.update` (an edit
 * through the API): the row is the protocol message itself.
 */
export function editedDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data).map((row, index) => {
    if (objectOf(row) === undefined) return unread(webhook, index, "missing_data");
    const change = changeIn(row);
    if (change.kind === "other") return unread(webhook, index, "protocol_message");
    const where = viewOf(webhook, row, change);
    return changeDraft(webhook, index, change, { ...where, ...at(change.changedAt) });
  });
}

/** The protocol message, or a message row around it. */
function changeIn(row: unknown): ProtocolChange {
  const inside = protocolChange(member(row, "message"));
  return inside ?? protocolChangeOf(objectAt(row, "protocolMessage") ?? row);
}

function viewOf(webhook: Webhook, row: unknown, change: ReadChange): Circumstances {
  const outer = objectAt(row, "message") === undefined ? undefined : objectAt(row, "key");
  if (webhook.name === "send.message.update") return ourView(webhook, outer ?? change.key, true);
  if (outer !== undefined) return ourView(webhook, outer, flagAt(outer, "fromMe"));
  return editorsView(webhook, change);
}

/** The key of a message row, and of what we sent through the API, is in our own view. */
function ourView(webhook: Webhook, key: unknown, fromMe: boolean): Circumstances {
  const { chat, contact } = whereabouts(key, { own: webhook.own, fromMe });
  return { ...(chat ? { chat } : {}), ...(contact ? { contact } : {}), fromMe };
}

/**
 * The key is in the view of whoever edits: its `fromMe` is always true and a contact's edit names *our*
 * address as the chat. So a chat is believed only where it cannot be us: a group, or a phone address
 * that is not our own. A LID may be ours, and says nothing.
 */
function editorsView(webhook: Webhook, change: ReadChange): Circumstances {
  const remote = parseJid(member(change.key, "remoteJid"));
  if (remote === undefined) return {};
  if (remote.kind !== "person") return { chat: chatAt(remote) };
  if (remote.phone === undefined || webhook.own === undefined || remote.id === webhook.own.id)
    return {};
  const contact = contactFrom([remote.id]);
  return { chat: chatAt(remote), ...(contact ? { contact } : {}) };
}

/**
 * `messages.delete`: the key alone, flat (a contact or our phone deleted), or the database's row with
 * the key inside (deleted through the API). A row's own `id` is no message.
 */
export function deletedDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data, "keys").map((row, index) => {
    const key = keyOf(row);
    const messageId = idAt(key, "id");
    if (key === undefined || messageId === undefined) return unread(webhook, index, "missing_key");
    const fromMe = flagAt(key, "fromMe");
    const { chat, contact } = whereabouts(key, {
      own: webhook.own,
      fromMe,
      participant: member(row, "participant"),
    });
    const said = firstMember(row, "message");
    const statusName = wordAt(row, "status");
    return {
      ...(chat ? { chat } : {}),
      ...(contact ? { contact } : {}),
      fromMe,
      type: "message.deleted",
      identity: lasting("delete", messageId),
      data: {
        messageId,
        ...(said === undefined ? {} : { content: rowContent(row) }),
        ...(statusName === undefined ? {} : { statusName }),
      },
    };
  });
}
