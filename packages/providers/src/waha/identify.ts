import type { Identification, JsonObject } from "../contract.ts";
import { isWahaEvent, knownEventName } from "./event-names.ts";
import { isObject, sessionOf, textOf } from "./wire.ts";

/**
 * True for WAHA's envelope: an event name beside a session, told from other programs that send `event`
 * and `session` (WPPConnect flattens the message into the body) by the payload or the engine's marks.
 */
export function recognises(body: JsonObject): boolean {
  const event = textOf(body["event"]);
  if (event === undefined) return false;
  // Evolution's envelope names an instance; WAHA's has no such member.
  if (body["instance"] !== undefined) return false;
  const marked = textOf(body["engine"]) !== undefined || isObject(body["environment"]);
  const hasPayload = body["payload"] !== undefined;
  if (sessionOf(body) === undefined) return hasPayload && (marked || isWahaEvent(event));
  return marked || hasPayload || isWahaEvent(event);
}

/** The session and the event's name; both absent when the body does not say them as text. */
export function identify(body: JsonObject): Identification {
  const instanceName = sessionOf(body);
  const said = textOf(body["event"]);
  const eventName = said === undefined ? undefined : (knownEventName(said) ?? said);
  return {
    ...(instanceName === undefined ? {} : { instanceName }),
    ...(eventName === undefined ? {} : { eventName }),
  };
}
