import type { MessageContent } from "@recado/protocol";
import type { EventDraft, JsonObject } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { wahaContent } from "../content.ts";
import { waIdOf } from "../engine/message-ref.ts";
import { engineChange } from "../engine/whatsapp-message.ts";
import { browserModel } from "../engine/engine-keys.ts";
import { whereabouts, type Whereabouts } from "../address.ts";
import { isObject, objectAt, textOf, type WahaEvent } from "../wire.ts";
import { occurred, providerEvent } from "../draft.ts";

/** Edits and deletions, from their own events or inside `message.any` as WhatsApp's protocol messages. */

type Time = { readonly occurredAt?: number };

/** An edit of `messageId`; its own id and text tell two edits of one message apart. */
export function editDraft(
  where: Whereabouts,
  messageId: string,
  content: MessageContent | undefined,
  time: Time,
): EventDraft {
  const { chat, contact, fromMe, waId } = where;
  const said = content?.text ?? content?.caption ?? "";
  return {
    type: "message.edited",
    identity: lasting("edit", fromMe, { jid: chat.id }, waId ?? "", messageId, said),
    ...time,
    chat,
    ...(contact === undefined ? {} : { contact }),
    fromMe,
    data: { messageId, ...(content === undefined ? {} : { content }) },
  };
}

/** A deletion of `messageId`; `identityId` is what every copy of the same deletion names. */
export function revokeDraft(
  where: Whereabouts,
  messageId: string,
  identityId: string,
  content: MessageContent | undefined,
  time: Time,
): EventDraft {
  const { chat, contact, fromMe } = where;
  return {
    type: "message.deleted",
    identity: lasting("revoke", { jid: chat.id }, identityId),
    ...time,
    chat,
    ...(contact === undefined ? {} : { contact }),
    fromMe,
    data: { messageId, ...(content === undefined ? {} : { content }) },
  };
}

/** The edited words: WhatsApp's own when the engine shows them, else WAHA's body. */
function editedContent(payload: JsonObject): MessageContent | undefined {
  const change = engineChange(payload);
  if (change?.kind === "edited" && change.content !== undefined) return change.content;
  const body = textOf(payload["body"]);
  if (change !== undefined) return body === undefined ? undefined : { kind: "text", text: body };
  const content = wahaContent(payload);
  return content.unavailable === true ? undefined : content;
}

/** `message.edited`. On WEBJS the payload is the edited message itself, under its own id and time. */
export function editedDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  const where = whereabouts(payload, event.account);
  const change = engineChange(payload);
  const messageId =
    waIdOf(payload["editedMessageId"]) ??
    (change?.kind === "edited" ? change.messageId : undefined) ??
    where?.waId;
  if (where === undefined || messageId === undefined) {
    return [providerEvent(event, "missing_message_id", "message.edited that names no message")];
  }
  const editedAt = browserModel(payload)["latestEditSenderTimestampMs"];
  const time = occurred(event, editedAt, payload["timestamp"]);
  return [editDraft(where, messageId, editedContent(payload), time)];
}

/** True for the payload of a deletion, whatever its envelope calls it (an old example says `message.ack`). */
export function isRevoke(payload: JsonObject): boolean {
  const named = textOf(payload["revokedMessageId"]) !== undefined;
  return (
    payload["ack"] === undefined &&
    (named || isObject(payload["after"]) || isObject(payload["before"]))
  );
}

/** Ids that the deletion itself gives for the deleted message, best first. */
function revokedId(payload: JsonObject, after: JsonObject): string | undefined {
  const change = engineChange(after);
  const key = objectAt(browserModel(after), "protocolMessageKey");
  return (
    waIdOf(payload["revokedMessageId"]) ??
    (change?.kind === "deleted" ? change.messageId : undefined) ??
    waIdOf(key["id"])
  );
}

/** `message.revoked`: `before` is the deleted message where the engine still knew it, `after` the notice. */
export function revokedDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload, account } = event;
  const after = objectAt(payload, "after");
  const before = objectAt(payload, "before");
  const afterPlace = whereabouts(after, account);
  const beforePlace = whereabouts(before, account);
  const where = afterPlace ?? beforePlace ?? whereabouts(payload, account);
  const named = revokedId(payload, after);
  const messageId = named ?? beforePlace?.waId ?? afterPlace?.waId;
  const identityId = named ?? afterPlace?.waId ?? beforePlace?.waId;
  if (where === undefined || messageId === undefined || identityId === undefined) {
    return [providerEvent(event, "missing_message_id", "a deletion that names no message")];
  }
  const content = isObject(payload["before"]) ? wahaContent(before) : undefined;
  const known = content?.unavailable === true ? undefined : content;
  const time = occurred(event, after["timestamp"], payload["timestamp"]);
  return [revokeDraft(where, messageId, identityId, known, time)];
}
