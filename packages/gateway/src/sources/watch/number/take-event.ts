import type { RecadoEvent } from "@recado/protocol";
import type { StoredEvent } from "../../../store/contract/index.ts";
import { codeShown, connectionTold, logoutTold, type ConnectionNews } from "./connection.ts";
import { heard } from "./traffic.ts";
import { endIncident, type WatchedNumber } from "./watched-number.ts";

/** What follows from an event beyond what is now known. */
export interface EventEffect {
  /** Worth writing down soon; all else can wait. */
  readonly isChange: boolean;
  /** The number is connected, or heard of again after an incident: something may have been missed before. */
  readonly isBack: boolean;
}

const nothing: EventEffect = { isChange: false, isBack: false };

type News = ConnectionNews | "code" | "logout" | undefined;

/** The provider's own time, where the event has one; events without it have the time of their arrival. */
function saidAt(event: RecadoEvent, stored: StoredEvent): number | undefined {
  const at = Date.parse(event.occurredAt);
  return at === stored.receivedAt ? undefined : at;
}

function newsOf(event: RecadoEvent, stored: StoredEvent): News {
  switch (event.type) {
    case "instance.connection_changed": {
      const { state, providerState, reason, reasonCode, account } = event.data;
      const time = saidAt(event, stored);
      return { state, providerState, reason, code: reasonCode, account, saidAt: time };
    }
    case "instance.status_changed": {
      const { status, providerStatus, reason, reasonCode } = event.data;
      return {
        state: status,
        providerState: providerStatus,
        reason,
        code: reasonCode,
        saidAt: saidAt(event, stored),
      };
    }
    case "instance.removed":
      return { state: "close", providerState: "removed", reason: "stopped" };
    case "instance.qr_updated":
      return "code";
    case "instance.logged_out":
      return "logout";
    default:
      return undefined;
  }
}

function takeNews(number: WatchedNumber, news: Exclude<News, undefined>, at: number): EventEffect {
  const before = number.connection;
  if (news === "code") {
    number.connection = codeShown(before, at);
    const { codes, lost } = number.connection;
    return { isChange: codes?.count === 1 || lost !== before.lost, isBack: false };
  }
  const after = news === "logout" ? logoutTold(before, at) : connectionTold(before, news, at);
  number.connection = after;
  if (before.state === "open" && after.state !== "open") {
    number.gapFrom ??= number.traffic.newestMessageAt || at;
    number.steadySince = undefined;
    // A number that says itself that it is not connected is not silent, nor frozen.
    endIncident(number, at);
  }
  const opened = news !== "logout" && news.state === "open" && after.state === "open";
  if (opened) {
    // Also without a change: a provider that restarted may only have said `open`.
    number.gapFrom ??= number.traffic.newestMessageAt || after.since;
    number.steadySince ??= at;
  }
  return {
    isChange: after.state !== before.state || after.lost !== before.lost,
    isBack: opened,
  };
}

/** A sent message is told by the call that sent it, past a frozen queue. */
function provesFlow(number: WatchedNumber, type: string): boolean {
  return number.incident?.kind !== "frozen" || type !== "message.sent";
}

/** Puts one event of the log into what is known of its number. An event that is already in it is left aside. */
export function takeEvent(
  number: WatchedNumber,
  stored: StoredEvent,
  parse: () => RecadoEvent,
): EventEffect {
  if (stored.offset <= number.offset) return nothing;
  number.offset = stored.offset;
  const { type, receivedAt } = stored;
  let ended = false;
  const newestBefore = number.traffic.newestMessageAt;
  // Our own findings are events without a body: they are no sign of life.
  if (stored.bodyId !== undefined) {
    const isMessage = type === "message.received" || type === "message.sent";
    const recovered = parse().recovered === true;
    heard(number.traffic, {
      type,
      receivedAt,
      occurredAt: () => Date.parse(parse().occurredAt),
      chatId: isMessage ? stored.chatId : undefined,
      recovered,
    });
    if (!recovered && number.incident && provesFlow(number, type)) {
      endIncident(number, receivedAt);
      number.steadySince = receivedAt;
      // What was lost between the last comparison and this event is not in the log yet.
      number.gapFrom ??= newestBefore || receivedAt;
      ended = true;
    }
  }
  const again = ended ? { isChange: true, isBack: true } : nothing;
  if (!type.startsWith("instance.")) return again;
  const news = newsOf(parse(), stored);
  if (news === undefined) return again;
  const effect = takeNews(number, news, receivedAt);
  return ended ? again : effect;
}
