import type {
  ConnectionUpdateEvent,
  EventOf,
  MessageAckEvent,
  MessageEvent,
  QRCodeUpdateEvent,
  StatusInstanceEvent,
} from "@recado/protocol";
import type { LiveEvent } from "../../log/live.ts";

/**
 * Which socket events one stored event becomes: the documented ones first, then its canonical name.
 *
 * `name` has no `whatsapp:` prefix and is unique within one answer. `data` that is the very object
 * `event.data` tells the frame builder to use the stored JSON instead of writing it again.
 */
export interface SocketEvent {
  readonly name: string;
  readonly data: unknown;
}

const prefix = "whatsapp:";

export function documentedEvents(live: LiveEvent): readonly SocketEvent[] {
  const { event } = live;
  const documented = mapped(live);
  const canonical = event.type.replaceAll(".", "_");
  if (documented.some((one) => one.name === canonical)) return documented;
  return [...documented, { name: canonical, data: event.data }];
}

function mapped(live: LiveEvent): readonly SocketEvent[] {
  const { event } = live;
  switch (event.type) {
    case "message.received":
      return [{ name: "message_received", data: live.documentedMessage() ?? plainMessage(event) }];
    case "message.sent": {
      // One object for both, so that it is written as JSON once.
      const data = live.documentedMessage() ?? plainMessage(event);
      return [
        { name: "message_received", data },
        { name: "message_sent", data },
      ];
    }
    case "message.acked":
      return acknowledgement(event);
    case "instance.connection_changed":
      return [{ name: "connection_update", data: connectionUpdate(event) }];
    case "instance.status_changed": {
      const data: StatusInstanceEvent = {
        instance: event.instance?.name ?? "",
        status: event.data.status,
      };
      return [{ name: "status_instance", data }];
    }
    case "instance.qr_updated":
      return qrCode(event);
    case "instance.qr_expired":
      return expiredQrCode(event);
    case "app.emitted":
      return [{ name: withoutPrefix(event.data.event), data: event.data.payload }];
    default:
      return [];
  }
}

/** Some callers of the old `emitToTenant` wrote the prefix themselves. */
function withoutPrefix(name: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function seconds(isoTime: string): number {
  return Math.floor(Date.parse(isoTime) / 1_000);
}

/** What the envelope alone says, for a message whose provider body is not at hand. */
function plainMessage(event: EventOf<"message.received"> | EventOf<"message.sent">): MessageEvent {
  return {
    key: {
      remoteJid: event.chat?.id ?? "",
      fromMe: event.fromMe ?? event.type === "message.sent",
      id: event.data.messageId,
    },
    messageType: event.data.content.kind,
    messageTimestamp: seconds(event.occurredAt),
    ...(event.contact?.name !== undefined ? { pushName: event.contact.name } : {}),
  };
}

/**
 * The documented scale ends at 3 and starts at 0: an error is "pending", a played voice note is
 * "read", and `ackName` keeps the provider's own word. A status that is no number has no place on that
 * scale: such an event goes out under its canonical name alone.
 */
function acknowledgement(event: EventOf<"message.acked">): readonly SocketEvent[] {
  const { status, statusName, messageId } = event.data;
  if (status === null) return [];
  const data: MessageAckEvent = {
    id: messageId,
    chat: event.chat?.id ?? "",
    ack: Math.min(Math.max(status, 0), 3),
    timestamp: seconds(event.occurredAt),
    ...(statusName !== undefined ? { ackName: statusName } : {}),
  };
  return [{ name: "message_ack", data }];
}

function connectionUpdate(event: EventOf<"instance.connection_changed">): ConnectionUpdateEvent {
  const { state, providerState, reason, reasonCode } = event.data;
  return {
    state,
    ...(providerState === state ? {} : { providerState }),
    ...(reason !== undefined ? { reason } : {}),
    ...(reasonCode !== undefined ? { reasonCode } : {}),
  };
}

/** A page draws `data.qr`: without a code nothing is sent, rather than an empty one. */
function qrCode(event: EventOf<"instance.qr_updated">): readonly SocketEvent[] {
  const { qr, base64, pairingCode } = event.data;
  if (qr === undefined || qr === "") return [];
  const data: QRCodeUpdateEvent = {
    qr,
    ...(base64 !== undefined ? { base64 } : {}),
    ...(pairingCode !== undefined ? { pairingCode } : {}),
  };
  return [{ name: "qrcode_updated", data }];
}

/**
 * No more codes: the number is not connected. Evolution reports the closed connection once more right
 * behind it, as an event of its own; saying "close" twice changes nothing for a page.
 */
function expiredQrCode(event: EventOf<"instance.qr_expired">): readonly SocketEvent[] {
  const { reason, statusCode } = event.data;
  const update: ConnectionUpdateEvent = {
    state: "close",
    reason: "qr_limit",
    ...(statusCode !== undefined ? { reasonCode: statusCode } : {}),
  };
  return [
    { name: "connection_update", data: update },
    {
      name: "qrcode_expired",
      data: { reason, ...(statusCode !== undefined ? { statusCode } : {}) },
    },
  ];
}
