import type { Chat, Contact } from "@recado/protocol";
import type { JsonObject } from "../contract.ts";
import type { IdentityPart } from "../identity.ts";
import { chatAt, contactFrom, parseJid, preferPhone, type Jid } from "../jid.ts";
import {
  authorAlternatives,
  authorOf,
  engineKeys,
  fromMeOf,
  onlyMessageId,
  personAlternatives,
  pushNameOf,
  type EngineKeys,
} from "./engine/engine-keys.ts";
import { parseAddress, parseMessageRef, waIdOf } from "./engine/message-ref.ts";
import { firstText, objectAt, type Account } from "./wire.ts";

/**
 * Where a message belongs and who wrote it, for every engine.
 *
 * The engines disagree on `from` and `to` (a group's `to` is the group on NOWEB, the participant on GOWS,
 * oneself on WEBJS; an own message's `from` is the other person or oneself), so the composed id and the
 * engine's own key come first and `from`/`to` are the last resort.
 *
 * I1 A phone is taken only from an address that WhatsApp pairs with the LID in the same body.
 * I2 One's own address is never taken for the other person's.
 * Proven by `address.test.ts`.
 */
export interface Whereabouts {
  readonly fromMe: boolean;
  readonly chat: Chat;
  /** The author in groups, status and broadcasts; the other person in a direct chat. */
  readonly contact?: Contact;
  /** WhatsApp's own id of the message; absent when neither the id nor the engine's key has one. */
  readonly waId?: string;
  /** The author's part of the identity: the empty text where the chat or the direction says who it is. */
  readonly participant: IdentityPart;
}

type Place = Pick<Whereabouts, "chat" | "contact" | "participant">;

/** What is known before the place is decided. */
interface Reading {
  readonly message: JsonObject;
  readonly keys: EngineKeys;
  readonly fromMe: boolean;
  readonly account: Account;
  /** The account's addresses, canonical. */
  readonly own: ReadonlySet<string>;
}

function readingOf(message: JsonObject, account: Account): Reading {
  const keys = engineKeys(message);
  const own = account.addresses.map((address) => parseJid(address)?.id);
  return {
    message,
    keys,
    fromMe: fromMeOf(message, keys),
    account,
    own: new Set(own.filter((id) => id !== undefined)),
  };
}

function isOwn(value: unknown, own: ReadonlySet<string>): boolean {
  return own.has(parseAddress(value)?.id ?? "");
}

/** `from` and `to` without oneself: which of the two is the other side depends on the engine. */
function otherSide({ message, fromMe, own }: Reading): Jid | undefined {
  const from = parseAddress(message["from"]);
  if (!fromMe) return from;
  const sides = [parseAddress(message["to"]), from].filter((jid) => jid !== undefined);
  // GOWS writes the author into a group's `to`: a shared chat on either side is the chat.
  return (
    sides.find((jid) => jid.kind !== "person") ?? sides.find((jid) => !own.has(jid.id)) ?? sides[0]
  );
}

/** Every place where the chat is said, best first; in a direct chat all of them name one person. */
function chatAddresses(reading: Reading): readonly Jid[] {
  const { message, keys, fromMe } = reading;
  const said = [
    parseMessageRef(message["id"])?.chat,
    parseJid(keys.key["remoteJid"]),
    parseJid(keys.info["Chat"]),
    parseMessageRef(keys.model["id"])?.chat ?? parseAddress(keys.modelId["remote"]),
    parseAddress(message["chatId"]),
    fromMe ? undefined : parseAddress(message["from"]),
  ].filter((jid) => jid !== undefined);
  if (said.length > 0) return said;
  const side = otherSide(reading);
  return side === undefined ? [] : [side];
}

function inDirectChat(chat: Jid, addresses: readonly Jid[], reading: Reading): Place {
  const { keys, fromMe, account, own } = reading;
  const people = addresses.filter((jid) => jid.kind === "person").map((jid) => jid.id);
  const isWithOneself = own.has(chat.id);
  // Some versions pair an own message's chat with the sender, which is oneself.
  const paired = personAlternatives(keys, fromMe).filter((value) => !isOwn(value, own));
  const values = isWithOneself ? [...people, ...account.addresses] : [...people, ...paired];
  const contact = contactFrom(values, fromMe ? undefined : pushNameOf(keys));
  return {
    chat: chatAt(preferPhone(...values) ?? chat),
    ...(contact === undefined ? {} : { contact }),
    participant: "",
  };
}

function inSharedChat(chat: Jid, reading: Reading): Place {
  const { message, keys, fromMe, account, own } = reading;
  // A channel speaks with its own voice.
  if (chat.kind === "newsletter") return { chat: chatAt(chat), participant: "" };
  const author = authorOf(message, keys);
  const isMe = author === undefined ? fromMe : own.has(author);
  const values = [
    author,
    ...(author === undefined ? [] : authorAlternatives(keys, fromMe)),
    ...(isMe ? account.addresses : []),
  ];
  const place = withAuthor(chat, contactFrom(values, pushNameOf(keys)));
  // Our own messages come with and without our address, and that as phone or as LID.
  return fromMe ? { ...place, participant: "" } : place;
}

function withAuthor(chat: Jid, contact: Contact | undefined): Place {
  return contact === undefined
    ? { chat: chatAt(chat), participant: "" }
    : { chat: chatAt(chat), contact, participant: { jid: contact.jid } };
}

/**
 * Whose receipt it is, in a shared chat: only who is named beside the receipt. The composed id's fourth
 * part and WEBJS's author are oneself, whose own message it is about.
 */
function receiptInSharedChat(chat: Jid, { message, keys, own }: Reading): Place {
  const { data, key, info } = keys;
  const receipt = objectAt(data, "receipt");
  const said = [message["participant"], key["participant"], receipt["userJid"], info["Sender"]];
  const reader = said.map(parseAddress).find((jid) => jid?.kind === "person" && !own.has(jid.id));
  if (reader === undefined) return withAuthor(chat, undefined);
  return withAuthor(chat, contactFrom([reader.id, ...authorAlternatives(keys, true)]));
}

function locate(
  message: JsonObject,
  account: Account,
  shared: (chat: Jid, reading: Reading) => Place,
): Whereabouts | undefined {
  const reading = readingOf(message, account);
  const { keys, fromMe } = reading;
  const addresses = chatAddresses(reading);
  const chat = addresses[0];
  if (chat === undefined) return undefined;
  const waId =
    parseMessageRef(message["id"])?.waId ??
    firstText(keys.key["id"], keys.info["ID"], keys.modelId["id"]) ??
    parseMessageRef(keys.model["id"])?.waId ??
    onlyMessageId(keys.info) ??
    waIdOf(message["id"]);
  const place =
    chat.kind === "person" ? inDirectChat(chat, addresses, reading) : shared(chat, reading);
  return { fromMe, ...place, ...(waId === undefined ? {} : { waId }) };
}

/** Reads where `message` belongs; undefined when no address of its chat can be read. */
export function whereabouts(message: JsonObject, account: Account): Whereabouts | undefined {
  return locate(message, account, inSharedChat);
}

/** Reads where a receipt belongs: the message's chat, and the person whose receipt it is. */
export function receiptWhereabouts(message: JsonObject, account: Account): Whereabouts | undefined {
  return locate(message, account, receiptInSharedChat);
}
