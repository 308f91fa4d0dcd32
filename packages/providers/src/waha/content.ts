import type { Media, MessageContent, Quoted } from "@recado/protocol";
import type { JsonObject } from "../contract.ts";
import { absentContent, compact, contentOf, stubContent, takenFile } from "../message/index.ts";
import { isSystemType } from "./engine/browser-message.ts";
import { parseAddress, waIdOf } from "./engine/message-ref.ts";
import { browserType, whatsappMessage } from "./engine/whatsapp-message.ts";
import { firstText, isObject, objectAt, textOf } from "./wire.ts";

/** WAHA's payload → what the message says. */

const longestError = 300;

/** Why there is no file: the first line, since the rest is a stack trace of WAHA's own. */
function errorOf(value: unknown): string | undefined {
  const error = objectAt({ value }, "value");
  const said = firstText(value, error["details"], error["message"]);
  return textOf(said?.split(/\r?\n/, 1)[0]?.trim().slice(0, longestError));
}

/** The file as WAHA serves it; without a link when it was not downloaded. */
function mediaFrom(payload: JsonObject): Media | undefined {
  const media = objectAt(payload, "media");
  const found = compact<Media>({
    url: firstText(media["url"], payload["mediaUrl"]),
    mimetype: firstText(media["mimetype"]),
    filename: firstText(media["filename"]),
    inline: firstText(media["data"]) === undefined ? undefined : true,
    error: errorOf(media["error"]),
  });
  const file = takenFile(media["data"]);
  const all = file ? { ...found, ...file } : found;
  return Object.keys(all).length > 0 ? all : undefined;
}

/** `replyTo`: a bare id, and whose words were quoted (who is not the author of this message). */
function quotedFrom(payload: JsonObject): Quoted | undefined {
  const said = payload["replyTo"];
  const replyTo = isObject(said) ? said : { id: said };
  const messageId = waIdOf(replyTo["id"]);
  if (messageId === undefined) return undefined;
  return compact<Quoted>({
    messageId,
    participant: parseAddress(replyTo["participant"])?.id,
    text: firstText(replyTo["body"]),
  });
}

const mediaKinds: ReadonlySet<string> = new Set([
  "image",
  "video",
  "audio",
  "voice",
  "document",
  "sticker",
]);

/** What the message shape or the engine's word gives, before WAHA's own fields are added. */
function foundContent(payload: JsonObject): MessageContent {
  const type = browserType(payload);
  if (type !== undefined && isSystemType(type)) return { kind: "system", providerType: type };
  if (type === "ciphertext") return { ...absentContent, providerType: type };
  const message = whatsappMessage(payload);
  const content = message === undefined ? absentContent : contentOf(message);
  if (content !== absentContent) return content;
  const body = textOf(payload["body"]);
  if (body !== undefined) return { kind: "text", text: body };
  if (payload["hasMedia"] === true) return { kind: "unknown", ...compact({ providerType: type }) };
  if (type !== undefined) return { ...unreadType(type) };
  return stubContent(objectAt(payload, "_data")["messageStubType"]);
}

/** A type of WhatsApp Web's that no row knows; an empty `chat` is a text whose content did not come. */
function unreadType(type: string): MessageContent {
  return type === "chat" ? absentContent : { kind: "unknown", providerType: type };
}

function isViewOnce(payload: JsonObject): boolean {
  const data = objectAt(payload, "_data");
  return ["IsViewOnce", "IsViewOnceV2", "IsViewOnceV2Extension", "isViewOnce"].some(
    (flag) => data[flag] === true,
  );
}

/** What the message says, whichever engine reports it. */
export function wahaContent(payload: JsonObject): MessageContent {
  const content = foundContent(payload);
  const isMedia = mediaKinds.has(content.kind);
  const file = isMedia || payload["hasMedia"] === true ? mediaFrom(payload) : undefined;
  const media = file === undefined ? content.media : { ...content.media, ...file };
  const body = textOf(payload["body"]);
  const quoted = content.quoted ?? quotedFrom(payload);
  const found: MessageContent = {
    ...content,
    ...compact({
      caption: isMedia ? (content.caption ?? body) : content.caption,
      text: content.kind === "unknown" ? (content.text ?? body) : content.text,
      media,
      quoted,
      viewOnce: isViewOnce(payload) ? (true as const) : content.viewOnce,
    }),
  };
  // WAHA fetched the file itself: then it is not missing, whatever the engine's shape says.
  if (file?.url !== undefined || file?.inline === true) delete found.unavailable;
  return found;
}
