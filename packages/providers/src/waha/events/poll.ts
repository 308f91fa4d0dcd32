import type { EventDraft } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { waIdOf } from "../engine/message-ref.ts";
import { whereabouts, type Whereabouts } from "../address.ts";
import { booleanOf, firstText, isObject, objectAt, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent } from "../draft.ts";

/** Names of the options chosen; the browser engines wrap each in an object. */
function optionsOf(selected: unknown): string[] {
  if (!Array.isArray(selected)) return [];
  return selected
    .map((option) => (isObject(option) ? firstText(option["name"]) : firstText(option)))
    .filter((name) => name !== undefined);
}

/** The vote's own place, else the poll's: `from` and `to` may say `me`. */
function placeOf(event: WahaEvent): Whereabouts | undefined {
  const { payload, account } = event;
  const vote = objectAt(payload, "vote");
  const poll = objectAt(payload, "poll");
  const own = whereabouts({ ...vote, _data: payload["_data"] ?? vote["_data"] }, account);
  if (own !== undefined) return own;
  const place = whereabouts(poll, account);
  if (place === undefined) return undefined;
  const { waId: _poll, ...rest } = place;
  return { ...rest, fromMe: booleanOf(vote["fromMe"]) ?? false };
}

/** What a vote says; `failed` when its options could not be read. */
export interface Vote {
  readonly pollMessageId: string | undefined;
  readonly options: string[];
  readonly failed: boolean;
  readonly time: { readonly occurredAt?: number };
}

/** A vote as a draft; told from another vote of the same person by its own id and what it chose. */
export function voteDraft(event: WahaEvent, where: Whereabouts, vote: Vote): EventDraft {
  const { chat, contact, fromMe, waId, participant } = where;
  const { pollMessageId, options, failed, time } = vote;
  return {
    type: "poll.voted",
    identity:
      waId === undefined
        ? envelopeIdentity(event)
        : lasting("vote", fromMe, { jid: chat.id }, waId, participant, failed, ...options),
    ...time,
    chat,
    ...(contact === undefined ? {} : { contact }),
    fromMe,
    data: {
      ...(waId === undefined ? {} : { messageId: waId }),
      ...(pollMessageId === undefined ? {} : { pollMessageId }),
      options,
      ...(failed ? { failed: true as const } : {}),
    },
  };
}

/** `poll.vote` and `poll.vote.failed` (the vote could not be decrypted: its options are not known). */
export function pollDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  const vote = objectAt(payload, "vote");
  const where = placeOf(event);
  if (where === undefined || !isObject(payload["vote"])) {
    return [providerEvent(event, "missing_vote", `${event.name} without a vote or a chat`)];
  }
  return [
    voteDraft(event, where, {
      pollMessageId: waIdOf(objectAt(payload, "poll")["id"]),
      options: optionsOf(vote["selectedOptions"]),
      failed: event.name === "poll.vote.failed",
      time: occurred(event, vote["timestamp"], payload["timestamp"]),
    }),
  ];
}
