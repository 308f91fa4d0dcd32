/**
 * What was last heard of a number, and how it usually is. Changed in place: it is touched by every event.
 *
 * Only what the provider sent by itself counts as heard: what was fetched afterwards proves nothing about
 * the way in.
 */
export interface Traffic {
  /** Our clock, Unix milliseconds; 0: never. */
  eventAt: number;
  messageAt: number;
  ackAt: number;
  /** The provider's own time of its newest message, fetched ones included; 0: none. */
  newestMessageAt: number;
  /** The hour that is being counted (Unix hours) and in how many of its minutes something came. */
  hour: number;
  activeMinutes: number;
  minute: number;
  /** The same of the hour before in which anything came: the new one begins before the old one is learnt. */
  hourBefore: number;
  activeMinutesBefore: number;
  /** Messages of ours that nothing followed. */
  unanswered: Unanswered | undefined;
}

/** Messages sent to people since the last sign of life of any other kind. */
export interface Unanswered {
  readonly since: number;
  readonly chats: Set<string>;
}

export interface HeardEvent {
  readonly type: string;
  /** Unix milliseconds, our clock. */
  readonly receivedAt: number;
  /** The provider's own time; only looked at for messages. */
  occurredAt(): number;
  readonly chatId?: string | undefined;
  readonly recovered: boolean;
}

/** Enough to see that nothing answers. */
const mostChats = 16;

export function noTraffic(): Traffic {
  return {
    eventAt: 0,
    messageAt: 0,
    ackAt: 0,
    newestMessageAt: 0,
    hour: 0,
    activeMinutes: 0,
    minute: 0,
    hourBefore: 0,
    activeMinutesBefore: 0,
    unanswered: undefined,
  };
}

function count(traffic: Traffic, at: number): void {
  const minute = Math.floor(at / 60_000);
  if (minute <= traffic.minute) return;
  traffic.minute = minute;
  const hour = Math.floor(minute / 60);
  if (hour === traffic.hour) traffic.activeMinutes++;
  else {
    traffic.hourBefore = traffic.hour;
    traffic.activeMinutesBefore = traffic.activeMinutes;
    traffic.hour = hour;
    traffic.activeMinutes = 1;
  }
}

/** In how many minutes of a past hour anything came. */
export function activeMinutesOf(traffic: Traffic, hour: number): number {
  if (traffic.hour === hour) return traffic.activeMinutes;
  return traffic.hourBefore === hour ? traffic.activeMinutesBefore : 0;
}

/** Groups, channels and lists get no acks at all (Evolution), so that their silence says nothing. */
function isPerson(chatId: string | undefined): chatId is string {
  return chatId !== undefined && /@(?:s\.whatsapp\.net|lid)$/.test(chatId);
}

/** Takes an event that the provider sent. */
export function heard(traffic: Traffic, event: HeardEvent): void {
  const { type, receivedAt, chatId } = event;
  const isMessage = type === "message.received" || type === "message.sent";
  if (isMessage) {
    const at = event.occurredAt();
    // A message from the future would hide every later one from a comparison.
    if (at > traffic.newestMessageAt && at <= receivedAt + 60_000) traffic.newestMessageAt = at;
  }
  if (event.recovered) return;
  traffic.eventAt = Math.max(traffic.eventAt, receivedAt);
  count(traffic, receivedAt);
  if (isMessage) traffic.messageAt = receivedAt;
  if (type === "message.acked") traffic.ackAt = receivedAt;
  if (type !== "message.sent") traffic.unanswered = undefined;
  else if (isPerson(chatId)) {
    traffic.unanswered ??= { since: receivedAt, chats: new Set() };
    if (traffic.unanswered.chats.size < mostChats) traffic.unanswered.chats.add(chatId);
  }
}
