import type { EventDraft } from "../../contract.ts";
import { chatAt, contactFrom, parseJid, preferPhone } from "../../jid.ts";
import { timeMs } from "../../message/index.ts";
import { firstText, isObject, objectOf, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent } from "../draft.ts";

/** WAHA renames WhatsApp's words; unknown ones stay as they are. */
const words: Readonly<Record<string, string>> = {
  online: "available",
  offline: "unavailable",
  typing: "composing",
};

interface Presence {
  jid: string;
  presence: string;
  lastSeenAt?: string;
}

/** A list of people; the engine's own map has their addresses as keys. */
function entriesOf(presences: unknown): readonly unknown[] {
  if (Array.isArray(presences)) return presences;
  return Object.entries(objectOf(presences)).map(([participant, entry]) => ({
    ...objectOf(entry),
    participant,
  }));
}

function presenceOf(entry: unknown, chat: unknown): Presence | undefined {
  if (!isObject(entry)) return undefined;
  const jid = parseJid(entry["participant"]) ?? parseJid(chat);
  const word = firstText(entry["lastKnownPresence"]);
  if (jid === undefined || word === undefined) return undefined;
  const lastSeen = timeMs(entry["lastSeen"]);
  return {
    jid: jid.id,
    presence: (Object.hasOwn(words, word) ? words[word] : undefined) ?? word,
    ...(lastSeen === undefined ? {} : { lastSeenAt: new Date(lastSeen).toISOString() }),
  };
}

/** `presence.update`: who is online, typing or recording in a chat. */
export function presenceDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  const presences = entriesOf(payload["presences"])
    .map((entry) => presenceOf(entry, payload["id"]))
    .filter((presence) => presence !== undefined);
  if (presences.length === 0) {
    return [providerEvent(event, "empty_presence", "presence.update that names nobody's presence")];
  }
  const jids = presences.map((presence) => presence.jid);
  const said = parseJid(payload["id"]);
  // In a direct chat the chat and its one participant are the same person under two addresses.
  const direct = said?.kind === "person";
  const chat = direct ? preferPhone(said.id, ...jids) : said;
  const contact = contactFrom(direct ? [said.id, ...jids] : jids.length === 1 ? jids : []);
  return [
    {
      type: "presence.updated",
      identity: envelopeIdentity(event),
      ...occurred(event),
      ...(chat === undefined ? {} : { chat: chatAt(chat) }),
      ...(contact === undefined ? {} : { contact }),
      data: { presences },
    },
  ];
}
