import type { EventDraft } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { waIdOf } from "../engine/message-ref.ts";
import { whereabouts, type Whereabouts } from "../address.ts";
import { isObject, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent } from "../draft.ts";

/** A reaction as a draft; the same whether it came as `message.reaction` or, until 2024, as a message. */
export function reactionDraft(
  event: WahaEvent,
  where: Whereabouts,
  emoji: string,
  targetMessageId: string | undefined,
  time: { readonly occurredAt?: number },
): EventDraft {
  const { chat, contact, fromMe, waId, participant } = where;
  return {
    type: "message.reacted",
    identity:
      waId === undefined
        ? envelopeIdentity(event)
        : lasting(
            "reaction",
            fromMe,
            { jid: chat.id },
            waId,
            participant,
            targetMessageId ?? "",
            emoji,
          ),
    ...time,
    chat,
    ...(contact === undefined ? {} : { contact }),
    fromMe,
    data: {
      ...(waId === undefined ? {} : { messageId: waId }),
      ...(targetMessageId === undefined ? {} : { targetMessageId }),
      emoji,
    },
  };
}

/** `message.reaction`: set, changed, or (with an empty text) taken back. */
export function reactionDrafts(event: WahaEvent): readonly EventDraft[] {
  const reaction = event.payload["reaction"];
  const where = whereabouts(event.payload, event.account);
  if (where === undefined || !isObject(reaction)) {
    return [
      providerEvent(event, "missing_reaction", "message.reaction without a reaction or a chat"),
    ];
  }
  const emoji = typeof reaction["text"] === "string" ? reaction["text"] : "";
  const time = occurred(event, event.payload["timestamp"]);
  return [reactionDraft(event, where, emoji, waIdOf(reaction["messageId"]), time)];
}
