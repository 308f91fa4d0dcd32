import type { Body } from "./door-stage.ts";

/** One thing that happened in a chat with one of a few people. */
export interface Fact {
  readonly kind: "message" | "ack" | "edit" | "delete" | "reaction";
  readonly person: number;
  readonly message: number;
  readonly fromMe: boolean;
  readonly inGroup: boolean;
  /** Which ack, edit or reaction of the message. */
  readonly version: number;
}

/** How the person is called: by one address, or by one with the other beside it. */
export type Address = "lid" | "phone" | "lidWithPhone" | "phoneWithLid";

/** A fact as a provider says it once. */
export interface Saying {
  readonly fact: Fact;
  readonly address: Address;
  /** Which webhook it comes by, and which attempt of it: changes the bytes and not the fact. */
  readonly way: number;
}

/** Ours. */
export const ownAddress = "5511900000001@s.whatsapp.net";
export const lidOf = (person: number): string => `12000000000${100 + person}@lid`;
export const phoneOf = (person: number): string => `55119000${10_000 + person}`;
const group = "120363000000000777@g.us";

/** Writers' devices make ids: those of two messages may be equal, those of other things never are. */
function idOf({ kind, person, message, fromMe, inGroup }: Fact): string {
  return kind === "message"
    ? `3EB0AA${message}`
    : `${ownMessage(person, fromMe, inGroup)}${message}`;
}

function ownMessage(person: number, fromMe: boolean, inGroup: boolean): string {
  return `3EB0${person}${fromMe ? "A" : "B"}${inGroup ? "C" : "D"}`;
}

/** What one says of the person: the address, and perhaps the other one. */
function addressesOf(person: number, address: Address, phoneServer: string): readonly string[] {
  const [lid, phone] = [lidOf(person), `${phoneOf(person)}@${phoneServer}`];
  const all = {
    lid: [lid],
    phone: [phone],
    lidWithPhone: [lid, phone],
    phoneWithLid: [phone, lid],
  };
  return all[address];
}

/** Members of a key: where it was, and who wrote in a group. */
function keyOf({ fact, address }: Saying, phoneServer: string): Body {
  const [said, other] = addressesOf(fact.person, address, phoneServer);
  const { fromMe } = fact;
  const id = idOf(fact);
  if (!fact.inGroup) {
    return { remoteJid: said, ...(other === undefined ? {} : { remoteJidAlt: other }), fromMe, id };
  }
  const writer = { participant: said, ...(other === undefined ? {} : { participantAlt: other }) };
  return { remoteJid: group, fromMe, id, ...(fromMe && fact.kind !== "ack" ? {} : writer) };
}

const acks = ["DELIVERY_ACK", "READ", "PLAYED"];
const emojis = ["👍", "", "❤️"];

function evolutionData(said: Saying): readonly [string, Body] {
  const { fact } = said;
  const key = keyOf(said, "s.whatsapp.net");
  const { kind, version } = fact;
  switch (kind) {
    case "message":
      return [
        "messages.upsert",
        { key, message: { conversation: "oi" }, messageTimestamp: 1_790_000_000 },
      ];
    case "reaction": {
      const reactionMessage = { key: { id: "3EB0FF" }, text: emojis[version] };
      const own = { ...key, id: `${idOf(fact)}R${version}` };
      return ["messages.upsert", { key: own, message: { reactionMessage } }];
    }
    case "ack": {
      // Groups have no acks here.
      const place = keyOf({ ...said, fact: { ...fact, inGroup: false } }, "s.whatsapp.net");
      return [
        "messages.update",
        { ...place, id: undefined, keyId: idOf(fact), status: acks[version] },
      ];
    }
    case "edit": {
      const editedMessage = { conversation: `v${version}` };
      const timestampMs = String(1_790_000_000_000 + version);
      return [
        "messages.edited",
        { key: { id: idOf(fact) }, type: "MESSAGE_EDIT", editedMessage, timestampMs },
      ];
    }
    case "delete":
      return ["messages.delete", key];
  }
}

export function evolutionBody(said: Saying): Body {
  const [event, data] = evolutionData(said);
  const { way } = said;
  const body = {
    event,
    instance: "loja",
    data,
    date_time: `2026-11-24T09:40:0${way}.000Z`,
    sender: ownAddress,
    server_url: "https://evo.example.com",
  };
  return way === 3 ? body : { ...body, destination: `https://r.example/${way}` };
}

function wahaPayload(said: Saying): readonly [string, Body] {
  const { fact, way } = said;
  const { kind, version, fromMe, inGroup } = fact;
  const key = keyOf(said, "c.us");
  const { remoteJid, participant } = key;
  const composed = (id: string): string =>
    [String(fromMe), remoteJid, id, ...(participant === undefined ? [] : [participant])].join("_");
  const own = (id: string) => ({
    id: composed(id),
    timestamp: 1_790_000_000,
    from: remoteJid,
    fromMe,
    ...(participant === undefined ? {} : { participant }),
    _data: { key: { ...key, id } },
  });
  switch (kind) {
    case "message": {
      const name = way % 2 === 1 && !fromMe ? "message" : "message.any";
      return [name, { ...own(idOf(fact)), body: "oi", hasMedia: false, ack: 2 }];
    }
    case "reaction": {
      const reaction = { text: emojis[version], messageId: composed("3EB0FF") };
      return ["message.reaction", { ...own(`${idOf(fact)}R${version}`), reaction }];
    }
    case "ack": {
      const name = inGroup && way % 2 === 1 ? "message.ack.group" : "message.ack";
      return [name, { ...own(idOf(fact)), ack: version + 2 }];
    }
    case "edit": {
      const edit = { ...own(`${idOf(fact)}E${version}`), body: `v${version}` };
      return ["message.edited", { ...edit, editedMessageId: idOf(fact) }];
    }
    case "delete":
      return [
        "message.revoked",
        { revokedMessageId: idOf(fact), after: own(`${idOf(fact)}X`), before: null },
      ];
  }
}

export function wahaBody(said: Saying): Body {
  const [event, payload] = wahaPayload(said);
  return {
    id: `evt_01k${String(said.way).repeat(23)}`,
    timestamp: 1_790_000_000_000 + said.way,
    event,
    session: "default",
    me: { id: "5511900000001@c.us", pushName: "Loja" },
    payload,
    engine: "NOWEB",
    environment: { version: "2026.2.1", engine: "NOWEB" },
  };
}
