import { engineJid, readChatId, readMessageId } from "./message-id.ts";
import { type Data, isData } from "./stored-message.ts";

/** Who is known to a session: LIDs with their phones, people with their names, groups. */

export interface WahaContact {
  /** `5511900000009@c.us`. */
  readonly id: string;
  readonly name: string;
  /** Of the profile picture. */
  readonly picture?: string;
}

export interface LidMapping {
  readonly lid: string;
  /** Null: not known. */
  readonly pn: string | null;
}

export interface AddressBook {
  /** Learns from a message: its key names both forms of an address, its sender a name. */
  learn(payload: unknown): void;
  learnLid(lid: string, pn: string): void;
  saveContact(contact: WahaContact): void;
  lids(): readonly LidMapping[];
  /** `text` with or without `@lid`. */
  byLid(text: string): LidMapping;
  /** `text` as phone or chat id. */
  byPhone(text: string): { readonly lid: string | null; readonly pn: string };
  contacts(): readonly WahaContact[];
  /** Ids of groups in the order in which they were first seen. */
  groups(): readonly string[];
}

/** Entries kept per kind; the oldest go first. */
const most = 10_000;

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

const pairs = [
  ["remoteJid", "remoteJidAlt"],
  ["participant", "participantAlt"],
] as const;

/** LID and phone out of the two forms of one address, in whichever order. */
function mapping(first: unknown, second: unknown): readonly [string, string] | undefined {
  const both = [first, second].filter((jid) => typeof jid === "string");
  const lid = both.find((jid) => jid.endsWith("@lid"));
  const phone = both.find((jid) => jid.endsWith("@s.whatsapp.net"));
  return lid && phone ? [lid, readChatId(phone)] : undefined;
}

export function createAddressBook(): AddressBook {
  const phones = new Map<string, string>();
  const contacts = new Map<string, WahaContact>();
  const groups = new Map<string, true>();

  function learnName(key: Data, name: unknown): void {
    const jids = [key["participantAlt"], key["participant"], key["remoteJidAlt"], key["remoteJid"]];
    const phone = jids.find((jid) => typeof jid === "string" && jid.endsWith("@s.whatsapp.net"));
    if (key["fromMe"] === true || typeof name !== "string" || typeof phone !== "string") return;
    const id = readChatId(phone);
    keep(contacts, id, { ...contacts.get(id), id, name });
  }

  return {
    learn(payload) {
      const data = isData(payload) && isData(payload["_data"]) ? payload["_data"] : {};
      const place = isData(payload) ? readMessageId(String(payload["id"])) : undefined;
      if (place?.chatId.endsWith("@g.us")) keep(groups, place.chatId, true);
      const key = data["key"];
      if (!isData(key)) return;
      for (const [first, second] of pairs) {
        const known = mapping(key[first], key[second]);
        if (known) keep(phones, ...known);
      }
      learnName(key, data["pushName"]);
    },
    learnLid: (lid, pn) => keep(phones, lid, readChatId(pn)),
    saveContact: (contact) => keep(contacts, contact.id, contact),
    lids: () => [...phones].map(([lid, pn]) => ({ lid, pn })),
    byLid(text) {
      const lid = text.includes("@") ? text : `${text}@lid`;
      return { lid, pn: phones.get(lid) ?? null };
    },
    byPhone(text) {
      const pn = readChatId(text);
      const known = [...phones].find(([, phone]) => phone === pn);
      return { lid: known?.[0] ?? null, pn };
    },
    contacts: () => [...contacts.values()],
    groups: () => [...groups.keys()],
  };
}

/** A contact in the documented form. */
export function shownContact({ id, name }: WahaContact): Data {
  const [number = "", server = ""] = id.split("@");
  return {
    id,
    number,
    name,
    pushname: name,
    shortName: name.split(" ")[0],
    isMe: false,
    isGroup: server === "g.us",
    isWAContact: true,
    isMyContact: true,
    isBlocked: false,
  };
}

/** A group in NOWEB's raw form. */
export const shownGroup = (id: string): Data => ({
  id: engineJid(id),
  subject: id.split("@")[0],
  participants: [],
});
