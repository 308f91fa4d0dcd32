import type { EventDraft } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { chatAt, contactFrom, parseJid, preferPhone } from "../../jid.ts";
import { idAt, listOf, member, objectAt, objectOf, timeMs, wordAt } from "../../message/index.ts";
import { at, boundToBody, unread } from "../draft.ts";
import { rowsOf, type Webhook } from "../wire.ts";

/** What matters while it happens: presence and calls. */

/** The body's `id` is the chat, the map's keys are the people; an empty map says nothing at all. */
export function presenceDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data).flatMap((row, index) => presenceDraft(webhook, row, index));
}

function presenceDraft(webhook: Webhook, row: unknown, index: number): readonly EventDraft[] {
  const chat = parseJid(member(row, "id"));
  const map = objectAt(row, "presences");
  if (chat === undefined || map === undefined) return [unread(webhook, index, "missing_data")];
  const presences = Object.entries(map).flatMap(([jid, value]) => {
    const presence = wordAt(value, "lastKnownPresence", "presence");
    const seenAt = timeMs(member(value, "lastSeen"));
    const lastSeen = seenAt === undefined ? {} : { lastSeenAt: new Date(seenAt).toISOString() };
    return presence === undefined ? [] : [{ jid: parseJid(jid)?.id ?? jid, presence, ...lastSeen }];
  });
  if (presences.length === 0) {
    return Object.keys(map).length === 0 ? [] : [unread(webhook, index, "missing_data")];
  }
  const only = presences.length === 1 ? presences[0]?.jid : undefined;
  const contact = contactFrom([chat.kind === "person" ? chat.id : only]);
  return [
    {
      type: "presence.updated",
      identity: boundToBody(webhook, index),
      chat: chatAt(chat),
      ...(contact ? { contact } : {}),
      data: { presences },
    },
  ];
}

interface CallRow {
  readonly id: string | undefined;
  readonly status: string | undefined;
  readonly chat: unknown;
  readonly group: unknown;
  readonly from: unknown;
  /** The phone of `from`, where that is a LID. */
  readonly fromPn: unknown;
  readonly occurredAt: number | undefined;
  readonly video: unknown;
  readonly isGroup: unknown;
}

export function callDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data).map((row, index) => {
    const stanza = objectAt(row, "packet");
    return callDraft(webhook, stanza === undefined ? callRow(row) : stanzaRow(stanza), index);
  });
}

function callRow(row: unknown): CallRow {
  return {
    id: idAt(row, "id"),
    status: wordAt(row, "status"),
    chat: member(row, "chatId"),
    group: member(row, "groupJid"),
    from: member(row, "from"),
    fromPn: member(row, "callerPn"),
    occurredAt: timeMs(member(row, "date")),
    video: member(row, "isVideo"),
    isGroup: member(row, "isGroup"),
  };
}

/** On the WebSocket a call comes as WhatsApp's own stanza as well; its first child names the step. */
function stanzaRow(stanza: unknown): CallRow {
  const attributes = objectAt(stanza, "attrs");
  const step = objectOf(listOf(member(stanza, "content"))[0]);
  const details = objectAt(step, "attrs");
  return {
    id: idAt(details, "call-id"),
    status: wordAt(step, "tag"),
    chat: member(attributes, "from"),
    group: member(details, "group-jid"),
    from: member(details, "call-creator"),
    fromPn: member(details, "caller_pn"),
    occurredAt: timeMs(member(attributes, "t")),
    video: undefined,
    isGroup: undefined,
  };
}

/**
 * A group's call is in the group, whoever's address stands in front. In a direct chat the contact is the
 * other side: the caller may be ourselves, under our own LID, and then the caller's phone is ours.
 */
function placeOfCall(call: CallRow): Pick<EventDraft, "chat" | "contact"> {
  const said = parseJid(call.chat) ?? parseJid(call.from);
  const group = parseJid(call.group);
  const shared = group?.kind === "group" ? group : said?.kind === "person" ? undefined : said;
  const isCaller = shared !== undefined || said?.id === parseJid(call.from)?.id;
  const person = shared === undefined ? said?.id : call.from;
  const addresses = isCaller ? [person, call.fromPn] : [person];
  const chat = shared ?? preferPhone(...addresses);
  const contact = contactFrom(addresses);
  return { ...(chat ? { chat: chatAt(chat) } : {}), ...(contact ? { contact } : {}) };
}

function callDraft(webhook: Webhook, call: CallRow, index: number): EventDraft {
  if (call.status === undefined) return unread(webhook, index, "missing_status");
  const { chat, contact } = placeOfCall(call);
  const status = call.status.toLowerCase();
  return {
    type: status === "offer" ? "call.received" : "call.updated",
    identity:
      call.id === undefined ? boundToBody(webhook, index) : lasting("call", call.id, status),
    ...at(call.occurredAt),
    ...(chat ? { chat } : {}),
    ...(contact ? { contact } : {}),
    data: {
      ...(call.id === undefined ? {} : { callId: call.id }),
      status,
      ...(typeof call.video === "boolean" ? { video: call.video } : {}),
      ...(typeof call.isGroup === "boolean" ? { group: call.isGroup } : {}),
    },
  };
}
