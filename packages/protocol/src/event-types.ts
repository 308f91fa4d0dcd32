/**
 * The vocabulary: every type an event can have, for both providers.
 *
 * Dotted, noun then past verb. The list is the contract: a type is only ever added, never renamed.
 */
export const eventTypes = [
  "message.received",
  "message.sent",
  "message.edited",
  "message.deleted",
  "message.reacted",
  "message.acked",
  "poll.voted",
  "instance.qr_updated",
  "instance.qr_expired",
  "instance.connection_changed",
  "instance.status_changed",
  "instance.created",
  "instance.removed",
  "instance.logged_out",
  "contact.updated",
  "chat.updated",
  "chat.deleted",
  "group.updated",
  "group.participants_changed",
  "presence.updated",
  "call.received",
  "call.updated",
  "label.edited",
  "label.assigned",
  "history.synced",
  "provider.event",
  "instance.silent",
  "instance.frozen",
  "instance.webhook_changed",
  "endpoint.failing",
  "endpoint.recovered",
  "endpoint.disabled",
  "delivery.exhausted",
  "app.emitted",
] as const;

/** One of {@link eventTypes}. */
export type EventType = (typeof eventTypes)[number];

const known: ReadonlySet<string> = new Set(eventTypes);

/** True when `value` is a type of this version's vocabulary. */
export function isEventType(value: string): value is EventType {
  return known.has(value);
}
