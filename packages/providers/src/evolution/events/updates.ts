import type { MessageContent } from "@recado/protocol";
import type { EventDraft } from "../../contract.ts";
import { hashOf, lasting } from "../../identity.ts";
import { contactFrom, parseJid } from "../../jid.ts";
import {
  contentOf,
  firstMember,
  flagAt,
  idAt,
  listOf,
  member,
  numberOf,
  objectAt,
  objectOf,
  protocolChange,
  textOf,
  timeMs,
  wordAt,
} from "../../message/index.ts";
import { acknowledgementOf, type Acknowledgement } from "../acknowledgement.ts";
import { whereabouts, type Whereabouts } from "../address.ts";
import { at, boundToBody, unread } from "../draft.ts";
import { rowsOf, type Webhook } from "../wire.ts";
import { changeDraft, editIdentity } from "./edits.ts";
import { isMetaId } from "./messages.ts";

/**
 * `messages.update`: delivery states, and on some versions edits and poll totals.
 *
 * Three forms: version 2 flat with `keyId` (`messageId` is the database's row), version 1 flat with the
 * key's own names, and the library's own `{key, update}`.
 */
export function updateDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data, "updates").map((row, index) => updateDraft(webhook, row, index));
}

interface Update {
  readonly index: number;
  readonly row: unknown;
  readonly id: string;
  /** Where status, message and votes stand. */
  readonly update: unknown;
  /** `{key, update}`: says only what changed. */
  readonly isLibraryForm: boolean;
  readonly fromMe: boolean;
  readonly where: Whereabouts;
}

function updateDraft(webhook: Webhook, row: unknown, index: number): EventDraft {
  const key = objectAt(row, "key");
  const id = idAt(key, "id") ?? idAt(row, "keyId", "id");
  if (id === undefined)
    return unread(webhook, index, objectOf(row) === undefined ? "missing_data" : "missing_key");
  const update = objectAt(row, "update") ?? row;
  const place = key ?? row;
  // Meta reports the states of our messages with fromMe false.
  const fromMe = isMetaId(id) || flagAt(place, "fromMe");
  const where = whereabouts(place, {
    own: undefined,
    fromMe,
    participant: member(row, "participant"),
  });
  const read: Update = { index, row, id, update, isLibraryForm: update !== row, fromMe, where };
  return (
    editDraft(webhook, read) ?? deletionDraft(read) ?? votesDraft(read) ?? stateDraft(webhook, read)
  );
}

function circumstances(
  read: Update,
): Pick<EventDraft, "chat" | "contact" | "fromMe" | "occurredAt"> {
  const { chat, contact } = read.where;
  const isDirect = chat?.kind === "person";
  return {
    ...at(changedAt(read)),
    ...(chat ? { chat } : {}),
    ...(contact && (isDirect || read.where.participant) ? { contact } : {}),
    fromMe: read.fromMe,
  };
}

/**
 * Version 1 says when a state came. In the library's form a time beside a change is the change's, while
 * beside a state it may be the message's.
 */
function changedAt({ row, update, isLibraryForm }: Update): number | undefined {
  const isChange = isLibraryForm && objectAt(update, "message") !== undefined;
  const time = isChange ? member(update, "messageTimestamp") : undefined;
  return timeMs(member(row, "datetime")) ?? timeMs(time);
}

/** The new text stands in `message.editedMessage`; the status beside it is a filler. */
function editDraft(webhook: Webhook, read: Update): EventDraft | undefined {
  const message = member(read.update, "message");
  const change = protocolChange(message);
  if (change !== undefined && change.kind !== "other") {
    const said = changeDraft(webhook, read.index, change, circumstances(read));
    return { ...said, ...at(change.changedAt ?? said.occurredAt) };
  }
  const edited = objectAt(message, "editedMessage");
  if (edited !== undefined) {
    // The library wraps the new content; some servers leave the wrapping out.
    const content = contentOf(objectAt(edited, "message") ?? edited);
    return edit(webhook, read, content.unavailable ? undefined : content);
  }
  const word = textOf(member(read.update, "status"))?.toUpperCase();
  if (word === "DELETED" || word === "EDITED") return edit(webhook, read);
  return undefined;
}

/**
 * DELETED here is how 2.3.0 to 2.3.4 report an edit, and no status at all how 2.2 does: the text is
 * not said, and none is invented. Two such edits differ by nothing but the moment of their emission.
 */
function edit(webhook: Webhook, read: Update, content?: MessageContent): EventDraft {
  const statusName = wordAt(read.update, "status");
  const moment = webhook.dateTime;
  const unsaid = moment === undefined ? undefined : lasting("edit", read.id, `unsaid:${moment}`);
  return {
    ...circumstances(read),
    type: "message.edited",
    identity:
      editIdentity(read.id, undefined, content) ?? unsaid ?? boundToBody(webhook, read.index),
    data: {
      messageId: read.id,
      ...(content === undefined ? {} : { content }),
      ...(statusName === undefined ? {} : { statusName }),
    },
  };
}

/** The library's form of a deletion: the message replaced by a stub of type REVOKE. */
function deletionDraft(read: Update): EventDraft | undefined {
  const stub = member(read.update, "messageStubType");
  if (numberOf(stub) !== 1 && stub !== "REVOKE") return undefined;
  return {
    ...circumstances(read),
    type: "message.deleted",
    identity: lasting("delete", read.id),
    data: { messageId: read.id },
  };
}

/**
 * Totals of a poll: per option everybody who chose it. In a direct chat the contact's choice can be
 * read from them; elsewhere nobody says whose vote it was.
 */
function votesDraft(read: Update): EventDraft | undefined {
  const totals = firstMember(read.update, "pollUpdates") ?? member(read.row, "pollUpdates");
  // Libraries write absent lists as empty ones: beside a state that is no vote.
  if (!Array.isArray(totals) || (totals.length === 0 && hasStatus(read))) return undefined;
  const isDirect = read.where.chat?.kind === "person";
  const voter = isDirect ? read.where.contact?.jid : undefined;
  const isChosen = (voters: readonly unknown[]) =>
    voter === undefined ? voters.length > 0 : voters.some((jid) => parseJid(jid)?.id === voter);
  const options = listOf(totals)
    .filter((option) => isChosen(listOf(member(option, "voters"))))
    .map((option) => textOf(member(option, "name")))
    .filter((name) => name !== undefined);
  return {
    ...circumstances(read),
    type: "poll.voted",
    identity: lasting("vote", read.id, hashOf(tallyOf(totals))),
    data: {
      pollMessageId: read.id,
      options,
      ...(voter === undefined ? { warnings: ["totals_of_all_voters"] } : {}),
    },
  };
}

/** Who chose what, in one spelling of names and addresses and one order. */
function tallyOf(totals: readonly unknown[]): readonly (readonly string[])[] {
  return totals
    .map((option) => {
      const voters = listOf(member(option, "voters"));
      const people = voters.map((jid) => parseJid(jid)?.id ?? JSON.stringify(jid));
      return [textOf(member(option, "name")) ?? "", ...people.toSorted()];
    })
    .toSorted((one, other) => ((one[0] ?? "") < (other[0] ?? "") ? -1 : 1));
}

function hasStatus(read: Update): boolean {
  return acknowledgementOf(member(read.update, "status")) !== undefined;
}

function stateDraft(webhook: Webhook, read: Update): EventDraft {
  const acknowledgement = acknowledgementOf(firstMember(read.update, "status"));
  if (acknowledgement === undefined) {
    const isEdit = !read.isLibraryForm && member(read.row, "keyId") !== undefined;
    return isEdit ? edit(webhook, read) : unread(webhook, read.index, "missing_status");
  }
  // Nobody but us acknowledges a contact's message, and we do so by reading it.
  if (!read.fromMe && acknowledgement.status === 1)
    return unread(webhook, read.index, "filler_status");
  return ackDraft(read, acknowledgement);
}

function ackDraft(read: Update, { status, statusName }: Acknowledgement): EventDraft {
  const { participant } = read.where;
  const person = participant === undefined ? undefined : contactFrom([participant]);
  return {
    ...circumstances(read),
    type: "message.acked",
    identity: lasting(
      "ack",
      read.id,
      read.fromMe,
      status ?? statusName,
      ...(participant === undefined ? [] : [{ jid: participant }]),
    ),
    data: { messageId: read.id, status, statusName, ...(person ? { participant: person } : {}) },
  };
}
