import type { JsonObject } from "../../contract.ts";
import { compact, listOf, protocolChange, type ProtocolChange } from "../../message/index.ts";
import { browserMessage } from "./browser-message.ts";
import { browserModel } from "./engine-keys.ts";
import { firstText, isObject, objectAt, objectOf, textOf } from "../wire.ts";

/**
 * The WhatsApp message (protobuf-shaped) behind a payload: NOWEB's and GOWS's own one, or one built from
 * what the browser engines or an old body say, with nothing in it that they do not say.
 */

/** NOWEB's `_data.message`, GOWS's `_data.Message` and the wrapped `_data.RawMessage`, where they are. */
function engineMessages(payload: JsonObject): readonly JsonObject[] {
  const data = objectAt(payload, "_data");
  return [data["message"], data["Message"], data["RawMessage"]].filter(isObject).filter(
    // A browser engine's edit has its own message object there, with a `_data` of its own.
    (message) => Object.keys(message).length > 0 && !isObject(message["_data"]),
  );
}

/** The engine's own message; undefined when it gives none. */
export function engineMessage(payload: JsonObject): JsonObject | undefined {
  return engineMessages(payload)[0];
}

/** What the message changes, if anything. GOWS unwraps an edit: then only the raw message tells. */
export function engineChange(payload: JsonObject): ProtocolChange | undefined {
  return engineMessages(payload)
    .map(protocolChange)
    .find((change) => change !== undefined);
}

/** The name on a contact card. */
function cardName(vcard: string): string | undefined {
  return textOf(/^FN[^:\r\n]*:([^\r\n]*)/m.exec(vcard)?.[1]?.trim());
}

function contactsMessage(vcards: readonly string[]): JsonObject {
  const contacts = vcards.map((vcard) => compact({ displayName: cardName(vcard), vcard }));
  const [first] = contacts;
  return contacts.length === 1 && first !== undefined
    ? { contactMessage: first }
    : { contactsArrayMessage: { contacts } };
}

function locationMessage(location: JsonObject): JsonObject {
  const said = compact({
    degreesLatitude: location["latitude"],
    degreesLongitude: location["longitude"],
    name: firstText(location["name"]),
    address: firstText(location["address"]),
    // WEBJS writes the place's name into the description.
    caption: firstText(location["description"]),
  });
  return location["live"] === true ? { liveLocationMessage: said } : { locationMessage: said };
}

/** The kind of file by its type; a voice note is not told from another sound without the engine's word. */
function fileMessage(mimetype: string, caption: string | undefined): JsonObject {
  const kind = /^(image|video|audio)\//.exec(mimetype)?.[1] ?? "document";
  return { [`${kind}Message`]: compact({ mimetype, caption }) };
}

/** What WAHA's own fields say, without the engine's data. */
function plainMessage(payload: JsonObject): JsonObject | undefined {
  const body = textOf(payload["body"]);
  const vcards = listOf(payload["vCards"]).filter((card) => typeof card === "string");
  if (vcards.length > 0) return contactsMessage(vcards);
  if (isObject(payload["location"])) return locationMessage(payload["location"]);
  const mimetype = firstText(objectAt(payload, "media")["mimetype"]);
  if (mimetype !== undefined) return fileMessage(mimetype, body);
  return body === undefined ? undefined : { conversation: body };
}

/** The message behind `payload`; undefined when it came without its content. */
export function whatsappMessage(payload: JsonObject): JsonObject | undefined {
  const own = engineMessage(payload);
  if (own !== undefined) return own;
  const model = browserModel(payload);
  const plain = plainMessage(payload);
  return browserMessage(model, plain, textOf(payload["body"])) ?? plain;
}

/** WEBJS's and WPP's own word for a message, for example `ptt`. */
export function browserType(payload: JsonObject): string | undefined {
  return engineMessage(payload) === undefined
    ? firstText(objectOf(browserModel(payload))["type"])
    : undefined;
}
