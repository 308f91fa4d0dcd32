import type { Chat, Contact } from "@recado/protocol";
import type { IdentityPart } from "../identity.ts";
import { chatAt, contactFrom, parseJid, preferPhone, type Jid } from "../jid.ts";
import { parseMessageRef, waIdOf } from "./message-ref.ts";
import { booleanOf, firstText, isObject, objectAt, objectOf, type Account } from "./wire.ts";
import type { JsonObject } from "../contract.ts";

/**
 * Where a message belongs and who wrote it, for every engine.
 *
 * The engines disagree on `from` and `to` (a group's `to` is the group on NOWEB, the participant on GOWS,
 * oneself on WEBJS; an own message's `from` is the other person or oneself), so the composed id and the
 * engine's own key come first and `from`/`to` are the last resort.
 *
 * A phone is taken only from an address that WhatsApp pairs with the LID in the same body.
 */
export interface Whereabouts {
  readonly fromMe: boolean;
  readonly chat: Chat;
  /** The author in groups, status and broadcasts; the other person in a direct chat. */
  readonly contact?: Contact;
  /** WhatsApp's own id of the message; absent when neither the id nor the engine's key has one. */
  readonly waId?: string;
  /** The author's part of the identity: the empty text where the chat already says who it is. */
  readonly participant: IdentityPart;
}

/** The engine's own description of a message, whichever of the four shapes it has. */
interface EngineKeys {
  /** NOWEB: `_data.key`. */
  readonly key: JsonObject;
  /** GOWS: `_data.Info`, or the receipt itself. */
  readonly info: JsonObject;
  /** WEBJS and WPP: `_data`, or the message inside an edit. */
  readonly model: JsonObject;
  /** WEBJS: `_data.id`. */
  readonly modelId: JsonObject;
}

/** The browser engines' model of a message; inside an edit it is one level deeper. */
export function browserModel(message: JsonObject): JsonObject {
  const data = objectAt(message, "_data");
  const edited = objectAt(data["message"], "_data");
  return isObject(objectOf(data["message"])["_data"]) ? edited : data;
}

function engineKeys(message: JsonObject): EngineKeys {
  const data = objectAt(message, "_data");
  const info = isObject(data["Info"]) ? data["Info"] : data["Chat"] !== undefined ? data : {};
  const model = browserModel(message);
  return { key: objectAt(data, "key"), info, model, modelId: objectAt(model, "id") };
}

function fromMeOf(message: JsonObject, keys: EngineKeys): boolean {
  return (
    booleanOf(message["fromMe"]) ??
    booleanOf(keys.key["fromMe"]) ??
    booleanOf(keys.info["IsFromMe"]) ??
    booleanOf(keys.modelId["fromMe"]) ??
    parseMessageRef(message["id"])?.fromMe ??
    false
  );
}

/** `address` and, when it is one's own, the other addresses of the account. */
function withAccount(values: readonly unknown[], account: Account): readonly unknown[] {
  const own = new Set(account.addresses.map((address) => parseJid(address)?.id));
  const isOwn = values.some((value) => {
    const id = parseJid(value)?.id;
    return id !== undefined && own.has(id);
  });
  return isOwn ? [...values, ...account.addresses] : values;
}

/** `from` and `to` without oneself: which of the two is the other side depends on the engine. */
function otherSide(message: JsonObject, fromMe: boolean, account: Account): Jid | undefined {
  const from = parseJid(message["from"]);
  if (!fromMe) return from;
  const own = new Set(account.addresses.map((address) => parseJid(address)?.id));
  const sides = [parseJid(message["to"]), from].filter((jid) => jid !== undefined);
  // GOWS writes the author into a group's `to`: a shared chat on either side is the chat.
  return (
    sides.find((jid) => jid.kind !== "person") ?? sides.find((jid) => !own.has(jid.id)) ?? sides[0]
  );
}

/** Every place where the chat is said, best first; in a direct chat all of them name one person. */
function chatAddresses(
  message: JsonObject,
  keys: EngineKeys,
  fromMe: boolean,
  account: Account,
): readonly Jid[] {
  const said = [
    parseMessageRef(message["id"])?.chat,
    parseJid(keys.key["remoteJid"]),
    parseJid(keys.info["Chat"]),
    parseJid(keys.modelId["remote"]),
    parseJid(message["chatId"]),
    fromMe ? undefined : parseJid(message["from"]),
  ].filter((jid) => jid !== undefined);
  if (said.length > 0) return said;
  const side = otherSide(message, fromMe, account);
  return side === undefined ? [] : [side];
}

/** Addresses that the engine pairs with the other person of a direct chat. */
function personAlternatives(keys: EngineKeys, fromMe: boolean): readonly unknown[] {
  const { key, info } = keys;
  // A GOWS receipt about an own message is sent by the other person: its own flag counts.
  const senderIsMe = booleanOf(info["IsFromMe"]) ?? fromMe;
  return [
    key["remoteJidAlt"],
    key["previousRemoteJid"],
    ...(fromMe ? [] : [key["senderPn"], key["senderLid"]]),
    ...(senderIsMe ? [info["RecipientAlt"]] : [info["Sender"], info["SenderAlt"]]),
  ];
}

/** Addresses of who wrote in a group, a status or a broadcast, best first, and what they are paired with. */
function authorAddresses(
  message: JsonObject,
  keys: EngineKeys,
  fromMe: boolean,
): readonly unknown[] {
  const { key, info, model, modelId } = keys;
  const named = [
    message["participant"],
    key["participant"],
    info["Sender"],
    modelId["participant"],
    model["author"],
    message["author"],
    parseMessageRef(message["id"])?.participant?.id,
  ].find((value) => parseJid(value)?.kind === "person");
  const paired = [
    key["participantAlt"],
    key["participantPn"],
    key["participantLid"],
    ...(fromMe ? [] : [key["senderPn"], key["senderLid"]]),
    info["SenderAlt"],
  ];
  return [named, ...(named === undefined ? [] : paired)];
}

function nameOf(message: JsonObject, keys: EngineKeys): string | undefined {
  const data = objectAt(message, "_data");
  return firstText(
    data["pushName"],
    keys.info["PushName"],
    keys.model["notifyName"],
    data["verifiedBizName"],
  );
}

function inDirectChat(
  chat: Jid,
  addresses: readonly Jid[],
  keys: EngineKeys,
  message: JsonObject,
  fromMe: boolean,
  account: Account,
): Pick<Whereabouts, "chat" | "contact" | "participant"> {
  const people = addresses.filter((jid) => jid.kind === "person").map((jid) => jid.id);
  const values = withAccount([...people, ...personAlternatives(keys, fromMe)], account);
  const contact = contactFrom(values, fromMe ? undefined : nameOf(message, keys));
  return {
    chat: chatAt(preferPhone(...values) ?? chat),
    ...(contact === undefined ? {} : { contact }),
    participant: "",
  };
}

function inSharedChat(
  chat: Jid,
  keys: EngineKeys,
  message: JsonObject,
  fromMe: boolean,
  account: Account,
): Pick<Whereabouts, "chat" | "contact" | "participant"> {
  if (chat.kind === "newsletter") return { chat: chatAt(chat), participant: "" };
  const authors = authorAddresses(message, keys, fromMe);
  const known = authors[0] === undefined && fromMe ? account.addresses : authors;
  const contact = contactFrom(withAccount(known, account), nameOf(message, keys));
  return {
    chat: chatAt(chat),
    ...(contact === undefined ? {} : { contact }),
    participant: contact === undefined ? "" : { jid: contact.jid },
  };
}

/**
 * Whose receipt it is, in a shared chat: only who is named beside the receipt. The composed id's fourth
 * part and WEBJS's author are oneself, whose own message it is about.
 */
function receiptAuthor(
  message: JsonObject,
  keys: EngineKeys,
  account: Account,
): Pick<Whereabouts, "contact" | "participant"> {
  const { key, info } = keys;
  const receipt = objectAt(objectAt(message, "_data"), "receipt");
  const said = [message["participant"], key["participant"], receipt["userJid"], info["Sender"]];
  const own = new Set(account.addresses.map((address) => parseJid(address)?.id));
  const reader = said.map(parseJid).find((jid) => jid?.kind === "person" && !own.has(jid.id));
  if (reader === undefined) return { participant: "" };
  const paired = [
    key["participantAlt"],
    key["participantPn"],
    key["participantLid"],
    info["SenderAlt"],
  ];
  const contact = contactFrom([reader.id, ...paired]) ?? { jid: reader.id };
  return { contact, participant: { jid: contact.jid } };
}

/** Reads where a receipt belongs: the message's chat, and the person whose receipt it is. */
export function receiptWhereabouts(message: JsonObject, account: Account): Whereabouts | undefined {
  const where = whereabouts(message, account);
  if (where === undefined || where.chat.kind === "person") return where;
  const { contact: _author, ...place } = where;
  return { ...place, ...receiptAuthor(message, engineKeys(message), account) };
}

/** Reads where `message` belongs; undefined when no address of its chat can be read. */
export function whereabouts(message: JsonObject, account: Account): Whereabouts | undefined {
  const keys = engineKeys(message);
  const fromMe = fromMeOf(message, keys);
  const addresses = chatAddresses(message, keys, fromMe, account);
  const chat = addresses[0];
  if (chat === undefined) return undefined;
  const waId =
    parseMessageRef(message["id"])?.waId ??
    firstText(keys.key["id"], keys.info["ID"], keys.modelId["id"]) ??
    waIdOf(message["id"]);
  const place =
    chat.kind === "person"
      ? inDirectChat(chat, addresses, keys, message, fromMe, account)
      : inSharedChat(chat, keys, message, fromMe, account);
  return { fromMe, ...place, ...(waId === undefined ? {} : { waId }) };
}
