import type { EventDraft, EventIdentity } from "../contract.ts";
import { bodyBound } from "../identity.ts";
import { textOf } from "../message/index.ts";
import { capabilities } from "./capabilities.ts";
import type { Webhook } from "./wire.ts";

/** Identity of what has none of its own: what this body says, this row. */
export function boundToBody(webhook: Webhook, index: number): EventIdentity {
  return bodyBound(webhook.saidHash(), index, capabilities.retryWindowMs);
}

/** Why an event is none of the other types. Words are stable: people filter by them. */
export const reasons = {
  unknown_event: "This event name is not one that Evolution API is known to send.",
  missing_event: "The body names no event.",
  foreign_shape:
    "The body has not the envelope of Evolution API; another program may be posting here.",
  evolution_go_shape: "The body is in the format of Evolution Go, which is kept but not read.",
  no_canonical_type: "A known event without a type of its own.",
  provider_error: "The server reports an error of its management API.",
  missing_data: "The event has no data, or data of another shape.",
  missing_key: "The message has no id, so that it cannot be told from another.",
  missing_status: "The update says neither a status nor a change.",
  filler_status: "The status is one that the server fills in when WhatsApp sent none.",
  protocol_message: "A message between devices (settings, keys, history), which nobody wrote.",
  missing_state: "The event does not say a state that is known.",
} as const;
export type Reason = keyof typeof reasons;

/** An event that is kept whole and visible, with the reason why it is not read further. */
export function unread(
  webhook: Webhook,
  index: number,
  reason: Reason,
  identity?: EventIdentity,
): EventDraft {
  const event = textOf(webhook.body["event"]);
  return {
    type: "provider.event",
    identity: identity ?? boundToBody(webhook, index),
    data: { ...(event ? { event } : {}), reason, explanation: reasons[reason] },
  };
}

/** The time in an event, where there is one to trust. */
export function at(occurredAt: number | undefined): { occurredAt?: number } {
  return occurredAt === undefined ? {} : { occurredAt };
}
