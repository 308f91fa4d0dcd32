import type { EventDraft, JsonObject, NormaliseContext } from "../contract.ts";
import { ackDrafts } from "./events/ack.ts";
import { callDrafts } from "./events/call.ts";
import { chatArchiveDrafts } from "./events/chat.ts";
import { providerEvent } from "./draft.ts";
import {
  groupJoinRequestDrafts,
  groupParticipantsDrafts,
  groupUpdatedDrafts,
} from "./events/group.ts";
import { labelAssignedDrafts, labelEditedDrafts } from "./events/label.ts";
import { editedDrafts, isRevoke, revokedDrafts } from "./events/message-change.ts";
import { messageDrafts } from "./events/message.ts";
import { pollDrafts } from "./events/poll.ts";
import { presenceDrafts } from "./events/presence.ts";
import { reactionDrafts } from "./events/reaction.ts";
import { sessionStatusDrafts } from "./events/session-status.ts";
import { stateChangeDrafts } from "./events/state-change.ts";
import { recognises } from "./identify.ts";
import { isObject, readEvent, textOf, type WahaEvent } from "./wire.ts";
import { whereabouts } from "./address.ts";

/**
 * One webhook of WAHA → the events it holds.
 *
 * Owns: which family reads which event name. Must not know: the log, other webhooks, whether the sender
 * is authentic.
 *
 * I1 Total: any JSON object gives at least one draft; what is not understood is `provider.event` with a
 *    stable reason. Proven by `normalise.test.ts` on arbitrary payloads.
 * I2 `message`, `message.any` and `message.waiting` of one message have one identity, whatever the
 *    envelope says. Proven by `identity.test.ts`.
 * I3 A body of another program changes no state. Proven by `normalise.test.ts`.
 */

type Family = (event: WahaEvent) => readonly EventDraft[];

const whole =
  (reason: string): Family =>
  (event) => {
    const where = whereabouts(event.payload, event.account);
    const place =
      where === undefined
        ? {}
        : {
            chat: where.chat,
            fromMe: where.fromMe,
            ...(where.contact === undefined ? {} : { contact: where.contact }),
          };
    return [providerEvent(event, reason, undefined, place, event.payload["timestamp"])];
  };

const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ["message", messageDrafts],
  ["message.any", messageDrafts],
  ["message.waiting", messageDrafts],
  ["message.edited", editedDrafts],
  ["message.revoked", revokedDrafts],
  ["message.ack", (event) => (isRevoke(event.payload) ? revokedDrafts(event) : ackDrafts(event))],
  ["message.ack.group", ackDrafts],
  ["message.reaction", reactionDrafts],
  ["poll.vote", pollDrafts],
  ["poll.vote.failed", pollDrafts],
  ["session.status", sessionStatusDrafts],
  ["state.change", stateChangeDrafts],
  ["call.received", callDrafts],
  ["call.accepted", callDrafts],
  ["call.rejected", callDrafts],
  ["label.upsert", labelEditedDrafts],
  ["label.deleted", labelEditedDrafts],
  ["label.chat.added", labelAssignedDrafts],
  ["label.chat.deleted", labelAssignedDrafts],
  ["group.v2.join", groupUpdatedDrafts],
  ["group.v2.leave", groupUpdatedDrafts],
  ["group.v2.update", groupUpdatedDrafts],
  ["group.join", groupUpdatedDrafts],
  ["group.leave", groupUpdatedDrafts],
  ["group.v2.participants", groupParticipantsDrafts],
  ["group.v2.participants.join-request", groupJoinRequestDrafts],
  ["presence.update", presenceDrafts],
  ["chat.archive", chatArchiveDrafts],
  ["event.response", whole("event_response")],
  ["event.response.failed", whole("event_response")],
]);

/** Events whose payload may be a bare word. */
const wordPayloads: ReadonlySet<string> = new Set(["state.change"]);

function hasPayload(event: WahaEvent): boolean {
  return (
    isObject(event.rawPayload) ||
    (wordPayloads.has(event.name) && textOf(event.rawPayload) !== undefined)
  );
}

/** The events in `body`, in its own order; never empty, never throws. */
export function normalise(body: JsonObject, context: NormaliseContext): readonly EventDraft[] {
  const event = readEvent(body, context);
  if (event.name === "") return [providerEvent(event, "missing_event", "the body names no event")];
  const family = families.get(event.name);
  if (!hasPayload(event) && !recognises(body)) {
    return [providerEvent(event, "foreign_shape", "the body does not have WAHA's envelope")];
  }
  if (family !== undefined && hasPayload(event)) return family(event);
  if (event.name === "engine.event") {
    return [providerEvent(event, "engine_event", "an event of the engine, as it is")];
  }
  if (family !== undefined)
    return [providerEvent(event, "missing_payload", `${event.name} without a payload`)];
  return [providerEvent(event, "unknown_event", "an event that this version does not know")];
}
