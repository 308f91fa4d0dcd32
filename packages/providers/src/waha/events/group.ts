import type { Contact, Person } from "@recado/protocol";
import type { EventDraft, JsonObject } from "../../contract.ts";
import { chatAt, contactFrom, type Jid } from "../../jid.ts";
import { parseAddress } from "../engine/message-ref.ts";
import { firstText, isObject, objectAt, objectOf, textOf, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent } from "../draft.ts";

/** What happened to the group or to oneself in it. */
const actions: Readonly<Record<string, string>> = {
  "group.v2.join": "joined",
  "group.join": "joined",
  "group.v2.leave": "left",
  "group.leave": "left",
  "group.v2.update": "updated",
};

/** WAHA's words for changes of members, in WhatsApp's. */
const memberActions: Readonly<Record<string, string>> = { join: "add", leave: "remove" };

/** One member: an address, or an object that may pair a LID with its phone (`pn`, `phoneNumber`). */
function personOf(entry: unknown): Person | undefined {
  if (!isObject(entry)) return contactFrom([entry]);
  const id = parseAddress(entry["id"])?.id;
  return contactFrom(
    [
      id,
      entry["pn"],
      entry["phoneNumber"],
      entry["lid"],
      entry["jid"],
      entry["JID"],
      entry["LID"],
      entry["PhoneNumber"],
    ],
    entry["name"],
  );
}

function peopleOf(...lists: readonly unknown[]): Person[] | undefined {
  const list = lists.find((value) => Array.isArray(value));
  if (!Array.isArray(list)) return undefined;
  return list.map(personOf).filter((person) => person !== undefined);
}

/** The group: v2 names it in `group`, the deprecated events are the engine's own object. */
function groupOf(payload: JsonObject): Jid | undefined {
  const data = objectAt(payload, "_data");
  const candidates = [
    objectAt(payload, "group")["id"],
    payload["group"],
    payload["chatId"],
    payload["id"],
    objectAt(payload, "id")["remote"],
    data["id"],
    data["JID"],
    payload["JID"],
  ];
  const found = candidates.map(parseAddress).filter((jid) => jid !== undefined);
  return found.find((jid) => jid.kind === "group") ?? found[0];
}

/** Who did it, where the engine says so. */
function actorOf(payload: JsonObject): Contact | undefined {
  const data = objectAt(payload, "_data");
  return contactFrom([
    data["author"],
    data["authorPn"],
    data["Sender"],
    data["SenderPN"],
    payload["author"],
  ]);
}

interface GroupPlace {
  readonly chat?: EventDraft["chat"] & object;
  readonly contact?: Contact;
}

function placeOf(payload: JsonObject, contact: Contact | undefined): GroupPlace {
  const group = groupOf(payload);
  return {
    ...(group === undefined ? {} : { chat: chatAt(group) }),
    ...(contact === undefined ? {} : { contact }),
  };
}

function timeOf(event: WahaEvent): { readonly occurredAt?: number } {
  const { payload } = event;
  return occurred(event, payload["timestamp"], objectAt(payload, "_data")["Timestamp"]);
}

function missingGroup(event: WahaEvent): readonly EventDraft[] {
  return [providerEvent(event, "missing_group", `${event.name} without a group`)];
}

/** `group.v2.join`, `group.v2.leave`, `group.v2.update` and the deprecated `group.join`, `group.leave`. */
export function groupUpdatedDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  if (groupOf(payload) === undefined) return missingGroup(event);
  const group = objectOf(payload["group"]);
  const subject = firstText(group["subject"], payload["subject"]);
  // An emptied description is a change too.
  const description = [group["description"], payload["description"], payload["desc"]].find(
    (text) => typeof text === "string",
  );
  const participants = peopleOf(
    group["participants"],
    payload["participants"],
    payload["recipientIds"],
    payload["Participants"],
    payload["Join"],
    payload["Leave"],
  );
  return [
    {
      type: "group.updated",
      identity: envelopeIdentity(event),
      ...timeOf(event),
      ...placeOf(payload, actorOf(payload)),
      data: {
        ...(subject === undefined ? {} : { subject }),
        ...(typeof description === "string" ? { description } : {}),
        action: actions[event.name] ?? "updated",
        ...(participants === undefined ? {} : { participants }),
      },
    },
  ];
}

/** `group.v2.participants`: members came, went, or changed their role. */
export function groupParticipantsDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  if (groupOf(payload) === undefined) return missingGroup(event);
  const data = objectAt(payload, "_data");
  const word = firstText(payload["type"], payload["action"], data["action"]);
  const participants = peopleOf(payload["participants"], data["participants"]);
  if (word === undefined || participants === undefined) {
    return [
      providerEvent(
        event,
        "missing_participants",
        "group.v2.participants without what changed",
        placeOf(payload, actorOf(payload)),
        payload["timestamp"],
      ),
    ];
  }
  return [
    {
      type: "group.participants_changed",
      identity: envelopeIdentity(event),
      ...timeOf(event),
      ...placeOf(payload, actorOf(payload)),
      data: {
        action: (Object.hasOwn(memberActions, word) ? memberActions[word] : undefined) ?? word,
        participants,
      },
    },
  ];
}

/** `group.v2.participants.join-request`: someone asks to be let in, or the request ended. */
export function groupJoinRequestDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  if (groupOf(payload) === undefined) return missingGroup(event);
  const requester = contactFrom([payload["requesterId"], payload["requesterPn"]]);
  const action = textOf(payload["action"]);
  return [
    {
      type: "group.updated",
      identity: envelopeIdentity(event),
      ...timeOf(event),
      ...placeOf(payload, requester),
      data: {
        action: action === undefined || action === "created" ? "requested" : action,
        ...(requester === undefined ? {} : { participants: [requester] }),
      },
    },
  ];
}
