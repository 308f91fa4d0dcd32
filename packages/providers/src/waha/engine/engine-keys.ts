import type { JsonObject } from "../../contract.ts";
import { parseAddress, parseMessageRef } from "./message-ref.ts";
import { booleanOf, firstText, isObject, objectAt, objectOf } from "../wire.ts";

/** The engine's own description of a message (`_data`), whichever of the four shapes it has. */
export interface EngineKeys {
  readonly data: JsonObject;
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
  const inner = objectOf(data["message"])["_data"];
  return isObject(inner) ? inner : data;
}

export function engineKeys(message: JsonObject): EngineKeys {
  const data = objectAt(message, "_data");
  const info = isObject(data["Info"]) ? data["Info"] : data["Chat"] !== undefined ? data : {};
  const model = browserModel(message);
  return { data, key: objectAt(data, "key"), info, model, modelId: objectAt(model, "id") };
}

/** The payload decides over the id's prefix, which is wrong in old bodies. */
export function fromMeOf(message: JsonObject, keys: EngineKeys): boolean {
  return (
    booleanOf(message["fromMe"]) ??
    booleanOf(keys.key["fromMe"]) ??
    booleanOf(keys.info["IsFromMe"]) ??
    booleanOf(keys.modelId["fromMe"]) ??
    parseMessageRef(message["id"])?.fromMe ??
    false
  );
}

/** A GOWS receipt lists the messages it is about; WAHA sends one event for each. */
export function onlyMessageId(info: JsonObject): string | undefined {
  const ids = info["MessageIDs"];
  return Array.isArray(ids) && ids.length === 1 ? firstText(ids[0]) : undefined;
}

/** Addresses that the engine pairs with the other person of a direct chat. */
export function personAlternatives(keys: EngineKeys, fromMe: boolean): readonly unknown[] {
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

/** Addresses that the engine pairs with the author in a group, a status or a broadcast. */
export function authorAlternatives(keys: EngineKeys, fromMe: boolean): readonly unknown[] {
  const { key, info } = keys;
  return [
    key["participantAlt"],
    key["participantPn"],
    key["participantLid"],
    ...(fromMe ? [] : [key["senderPn"], key["senderLid"]]),
    info["SenderAlt"],
  ];
}

/** Who wrote in a group, a status or a broadcast: the first place that names a person. */
export function authorOf(message: JsonObject, keys: EngineKeys): string | undefined {
  const { data, key, info, model, modelId } = keys;
  const said = [
    message["participant"],
    key["participant"],
    info["Sender"],
    modelId["participant"],
    model["author"],
    data["participant"],
    message["author"],
    parseMessageRef(message["id"])?.participant?.id,
  ];
  return said.map(parseAddress).find((jid) => jid?.kind === "person")?.id;
}

/** The author's name as WhatsApp shows it. */
export function pushNameOf(keys: EngineKeys): string | undefined {
  const { data, info, model } = keys;
  return firstText(
    data["pushName"],
    info["PushName"],
    model["notifyName"],
    data["verifiedBizName"],
  );
}
