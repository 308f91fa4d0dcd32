import type { EventDraft, EventIdentity } from "../contract.ts";
import { bodyBound, lasting } from "../identity.ts";
import { timeMs } from "../message/index.ts";
import { retryWindowMs } from "./capabilities.ts";
import type { WahaEvent } from "./wire.ts";

/**
 * Bodies without an envelope id (before 2025) are byte-equal each time the same state comes back, and a
 * dropped change would leave a number shown in the wrong state, where one said twice harms nobody. So
 * only what arrives together counts as a repeat of a state. Milliseconds.
 */
export const stateWindowMs = 5_000;

/**
 * Identity of an event that has none of its own: session, event name and the envelope's id together,
 * since one envelope id is shared by `message` and `message.any`. A socket's frame has the webhook's id,
 * except for `message` (2026.2.1, recorded), which has an identity of its own. Bodies from before 2025
 * have no id: then what the body says decides, inside `windowMs`.
 */
export function envelopeIdentity(
  event: WahaEvent,
  index = 0,
  windowMs: number = retryWindowMs,
): EventIdentity {
  return event.envelopeId === undefined
    ? bodyBound(event.saidHash(), index, windowMs)
    : lasting("envelope", event.session ?? "", event.name, event.envelopeId, index);
}

/** The first of `times` that can be read, else when WAHA built the event; absent when neither is said. */
export function occurred(
  event: WahaEvent,
  ...times: readonly unknown[]
): { readonly occurredAt?: number } {
  for (const time of times) {
    const read = timeMs(time);
    if (read !== undefined) return { occurredAt: read };
  }
  return event.builtAt === undefined ? {} : { occurredAt: event.builtAt };
}

/** An event that is kept whole because it is none of the others; `reason` is a stable word. */
export function providerEvent(
  event: WahaEvent,
  reason: string,
  explanation?: string,
  where: Pick<EventDraft, "chat" | "contact" | "fromMe"> = {},
  ...times: readonly unknown[]
): EventDraft {
  return {
    type: "provider.event",
    identity: envelopeIdentity(event),
    ...occurred(event, ...times),
    ...where,
    data: {
      ...(event.name === "" ? {} : { event: event.name }),
      reason,
      ...(explanation === undefined ? {} : { explanation }),
    },
  };
}
