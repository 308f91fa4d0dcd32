import type { Contact, Person } from "@recado/protocol";
import type { AddressPair, EventDraft } from "./contract.ts";
import { parseJid } from "./jid.ts";

/** Only whole numbers stand for people whom one can meet again under another address. */
const lidAddress = /^[0-9]{5,20}@(?:hosted\.)?lid$/;

/**
 * A presence names a chat and who is in it. That the two are one person is a conclusion, which serves to
 * show it, and too little to remember.
 */
const concluding: ReadonlySet<EventDraft["type"]> = new Set(["presence.updated"]);

/** The pair of two values that a provider gives for one person; undefined when they are not LID and phone. */
export function pairFrom(one: unknown, other: unknown): AddressPair | undefined {
  const [first, second] = [parseJid(one), parseJid(other)];
  if (first === undefined || second === undefined) return undefined;
  const lid = first.isLid ? first : second;
  const phone = first.isLid ? second : first;
  if (phone.phone === undefined || !lidAddress.test(lid.id)) return undefined;
  return { lid: lid.id, phone: phone.id };
}

function pairOf(person: Contact | Person | undefined): AddressPair | undefined {
  if (person?.lid === undefined || person.phone === undefined) return undefined;
  return lidAddress.test(person.lid)
    ? { lid: person.lid, phone: `${person.phone}@s.whatsapp.net` }
    : undefined;
}

/** Everybody whom an event's data tells of. */
function peopleIn(draft: EventDraft): readonly (Person | undefined)[] {
  switch (draft.type) {
    case "group.participants_changed":
    case "group.updated":
      return draft.data.participants ?? [];
    case "message.acked":
      return [draft.data.participant];
    case "instance.connection_changed":
      return [draft.data.account];
    default:
      return nobody;
  }
}

const nobody: readonly undefined[] = [];

/**
 * Which LID belongs to which phone, as this event's provider said it; undefined when it says nothing of
 * the kind, as most do not. Pure.
 */
export function pairsOf(draft: EventDraft): readonly AddressPair[] | undefined {
  if (concluding.has(draft.type)) return undefined;
  let pairs: AddressPair[] | undefined;
  for (const person of [draft.contact, ...peopleIn(draft)]) {
    const pair = pairOf(person);
    if (pair !== undefined) (pairs ??= []).push(pair);
  }
  if (draft.pairs === undefined) return pairs;
  return pairs === undefined ? draft.pairs : [...pairs, ...draft.pairs];
}
