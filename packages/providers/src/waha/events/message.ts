import type { EventDraft, JsonObject } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { pollVote, type PollVote } from "../../message/index.ts";
import { wahaContent } from "../content.ts";
import { engineChange, engineMessage } from "../engine/whatsapp-message.ts";
import { browserModel } from "../engine/engine-keys.ts";
import { whereabouts, type Whereabouts } from "../address.ts";
import { firstText, objectAt, type WahaEvent } from "../wire.ts";
import { ownStatus } from "../acknowledgement.ts";
import { occurred, providerEvent } from "../draft.ts";
import { editDraft, revokeDraft } from "./message-change.ts";
import { voteDraft } from "./poll.ts";
import { reactionDraft } from "./reaction.ts";

/**
 * `message`, `message.any`, `message.waiting`: three names for one message, which therefore meet one
 * identity whichever comes first.
 */

type Located = Whereabouts & { readonly waId: string };

function timeOf(event: WahaEvent): { readonly occurredAt?: number } {
  const { payload } = event;
  const data = objectAt(payload, "_data");
  return occurred(
    event,
    payload["timestamp"],
    data["messageTimestamp"],
    objectAt(data, "Info")["Timestamp"],
    browserModel(payload)["t"],
  );
}

/** A message that changes another one is that change; undefined for an ordinary message. */
function changeDraft(event: WahaEvent, where: Located): EventDraft | undefined {
  const time = timeOf(event);
  const change = engineChange(event.payload);
  if (change?.kind === "edited") return editDraft(where, change.messageId, change.content, time);
  if (change?.kind === "deleted") {
    return revokeDraft(where, change.messageId, change.messageId, undefined, time);
  }
  const vote = pollVote(engineMessage(event.payload));
  return vote === undefined ? undefined : rawVote(event, where, vote, time);
}

/** A vote that no one decrypted still tells who voted in which poll. */
function rawVote(
  event: WahaEvent,
  where: Located,
  vote: PollVote,
  time: { readonly occurredAt?: number },
): EventDraft {
  return voteDraft(event, where, {
    pollMessageId: vote.pollMessageId,
    options: [...(vote.options ?? [])],
    failed: vote.options === undefined,
    time,
  });
}

function messageDraft(event: WahaEvent, where: Located, payload: JsonObject): EventDraft {
  const { chat, contact, fromMe, waId, participant } = where;
  const content = wahaContent(payload);
  if (content.kind === "reaction") {
    return reactionDraft(event, where, content.emoji, content.targetMessageId, timeOf(event));
  }
  const source = firstText(payload["source"]);
  return {
    type: fromMe ? "message.sent" : "message.received",
    identity: lasting("message", fromMe, { jid: chat.id }, waId, participant),
    ...timeOf(event),
    chat,
    ...(contact === undefined ? {} : { contact }),
    fromMe,
    ...(content.unavailable === true ? { contentMissing: true as const } : {}),
    data: {
      messageId: waId,
      content,
      ...(source === undefined ? {} : { source }),
      ...ownStatus(payload, fromMe),
    },
  };
}

export function messageDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  const where = whereabouts(payload, event.account);
  if (where === undefined) {
    return [providerEvent(event, "missing_chat", `${event.name} without a chat`)];
  }
  const { chat, contact, fromMe, waId } = where;
  if (waId === undefined) {
    const place = { chat, fromMe, ...(contact === undefined ? {} : { contact }) };
    const explanation = `${event.name} without a message id`;
    return [providerEvent(event, "missing_message_id", explanation, place, payload["timestamp"])];
  }
  const located = { ...where, waId };
  return [changeDraft(event, located) ?? messageDraft(event, located, payload)];
}
