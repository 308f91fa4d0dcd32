import type { Person } from "@recado/protocol";
import type { EventDraft } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { chatAt, contactFrom, parseJid, type Jid } from "../../jid.ts";
import { integerOf, listOf, member, textOf, wordAt } from "../../message/index.ts";
import { boundToBody, unread } from "../draft.ts";
import { rowsOf, type Webhook } from "../wire.ts";

/** `groups.upsert`, `groups.update`, `group-participants.update`. */

function groupAt(row: unknown): Jid | undefined {
  const addresses = ["id", "groupJid", "groupId", "remoteJid"].map((name) =>
    parseJid(member(row, name)),
  );
  return addresses.find((jid) => jid?.kind === "group");
}

/** Who acted: the author by LID and, since 2.3.5, by phone. */
function authorOf(row: unknown): Pick<EventDraft, "contact"> {
  const contact = contactFrom([member(row, "author"), member(row, "authorPn")]);
  return contact ? { contact } : {};
}

/** A participant is a text (version 1, 2.3.5) or an object with LID and phone (2.3.7). */
function participantOf(value: unknown, extra: unknown): Person | undefined {
  const addresses = [
    value,
    ...["id", "jid", "lid", "phoneNumber"].map((name) => member(value, name)),
    member(extra, "phoneNumber"),
  ];
  return contactFrom(addresses, wordAt(extra, "name") ?? wordAt(value, "name"));
}

function participantsOf(row: unknown): Person[] {
  const extras = listOf(member(row, "participantsData"));
  const named = listOf(member(row, "participants"));
  return (named.length > 0 ? named : extras)
    .map((value) => participantOf(value, extraFor(value, extras)))
    .filter((person) => person !== undefined);
}

/** `participantsData` resolves texts; on 2.3.7 it is useless and the participant says it all itself. */
function extraFor(value: unknown, extras: readonly unknown[]): unknown {
  return textOf(value) === undefined
    ? undefined
    : extras.find((extra) => member(extra, "jid") === value);
}

export function groupDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data, "groups").map((row, index) => groupDraft(webhook, row, index));
}

function groupDraft(webhook: Webhook, row: unknown, index: number): EventDraft {
  const group = groupAt(row);
  if (group === undefined) return unread(webhook, index, "missing_data");
  const isNew = webhook.name === "groups.upsert";
  const creation = integerOf(member(row, "creation"));
  const subject = wordAt(row, "subject");
  const description = textOf(member(row, "desc")) ?? wordAt(row, "description");
  const participants = participantsOf(row);
  const isOwn = isNew && creation !== undefined;
  return {
    type: "group.updated",
    identity: isOwn ? lasting("group", { jid: group.id }, creation) : boundToBody(webhook, index),
    chat: chatAt(group),
    ...authorOf(row),
    data: {
      ...(subject === undefined ? {} : { subject }),
      ...(description === undefined ? {} : { description }),
      action: isNew ? "joined" : "updated",
      ...(participants.length > 0 ? { participants } : {}),
    },
  };
}

export function participantDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data).map((row, index) => {
    const group = groupAt(row);
    const action = wordAt(row, "action");
    if (group === undefined || action === undefined) return unread(webhook, index, "missing_data");
    const participants = participantsOf(row);
    const { dateTime } = webhook;
    const people = participants.map((person) => ({ jid: person.jid }));
    return {
      type: "group.participants_changed",
      identity:
        dateTime === undefined
          ? boundToBody(webhook, index)
          : lasting("participants", { jid: group.id }, action, dateTime, ...people),
      chat: chatAt(group),
      ...authorOf(row),
      data: { action, participants },
    };
  });
}
