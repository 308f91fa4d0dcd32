import type { ProviderName } from "./event.ts";

/**
 * The names that existing front ends and scripts are written against: webhook event lists, webhook
 * configurations and the `whatsapp:*` socket payloads.
 *
 * The lists hold what the providers really accept, plus the wrong spellings of older documents as
 * aliases (see {@link evolutionEventAliases}, {@link wahaEventAliases}).
 */

/** Evolution API's webhook events as its configuration spells them (2.3.7). */
export const EvolutionWebhookEvent = {
  CONNECTION_UPDATE: "CONNECTION_UPDATE",
  QRCODE_UPDATED: "QRCODE_UPDATED",
  MESSAGES_UPSERT: "MESSAGES_UPSERT",
  MESSAGES_UPDATE: "MESSAGES_UPDATE",
  MESSAGES_DELETE: "MESSAGES_DELETE",
  CONTACTS_UPDATE: "CONTACTS_UPDATE",
  CONTACTS_UPSERT: "CONTACTS_UPSERT",
  CHATS_UPDATE: "CHATS_UPDATE",
  CHATS_UPSERT: "CHATS_UPSERT",
  CHATS_DELETE: "CHATS_DELETE",
  /** Older documents say GROUPS_UPDATE; Evolution refuses the whole configuration for it. */
  GROUPS_UPDATE: "GROUP_UPDATE",
  GROUPS_UPSERT: "GROUPS_UPSERT",
  PRESENCE_UPDATE: "PRESENCE_UPDATE",
  CALL: "CALL",
  STATUS_INSTANCE: "STATUS_INSTANCE",
  SEND_MESSAGE: "SEND_MESSAGE",
  LABELS_EDIT: "LABELS_EDIT",
  LABELS_ASSOCIATION: "LABELS_ASSOCIATION",
  APPLICATION_STARTUP: "APPLICATION_STARTUP",
  MESSAGES_SET: "MESSAGES_SET",
  MESSAGES_EDITED: "MESSAGES_EDITED",
  SEND_MESSAGE_UPDATE: "SEND_MESSAGE_UPDATE",
  CONTACTS_SET: "CONTACTS_SET",
  CHATS_SET: "CHATS_SET",
  GROUP_PARTICIPANTS_UPDATE: "GROUP_PARTICIPANTS_UPDATE",
  TYPEBOT_START: "TYPEBOT_START",
  TYPEBOT_CHANGE_STATUS: "TYPEBOT_CHANGE_STATUS",
  REMOVE_INSTANCE: "REMOVE_INSTANCE",
  LOGOUT_INSTANCE: "LOGOUT_INSTANCE",
  INSTANCE_CREATE: "INSTANCE_CREATE",
  INSTANCE_DELETE: "INSTANCE_DELETE",
} as const;
export type EvolutionWebhookEvent =
  (typeof EvolutionWebhookEvent)[keyof typeof EvolutionWebhookEvent];

/** Wrong or old spellings that are accepted and sent right. */
export const evolutionEventAliases: Readonly<Record<string, EvolutionWebhookEvent>> = {
  GROUPS_UPDATE: "GROUP_UPDATE",
};

/** WAHA's webhook events as its configuration spells them (2026.7.1). */
export const WahaWebhookEvent = {
  MESSAGE: "message",
  MESSAGE_ACK: "message.ack",
  MESSAGE_REVOKED: "message.revoked",
  SESSION_STATUS: "session.status",
  /** Older documents say `state.changed`. */
  STATE_CHANGED: "state.change",
  GROUP_JOIN: "group.join",
  GROUP_LEAVE: "group.leave",
  POLL_VOTE: "poll.vote",
  POLL_VOTE_FAILED: "poll.vote.failed",
  MESSAGE_ANY: "message.any",
  MESSAGE_REACTION: "message.reaction",
  MESSAGE_ACK_GROUP: "message.ack.group",
  MESSAGE_WAITING: "message.waiting",
  MESSAGE_EDITED: "message.edited",
  PRESENCE_UPDATE: "presence.update",
  CHAT_ARCHIVE: "chat.archive",
  CALL_RECEIVED: "call.received",
  CALL_ACCEPTED: "call.accepted",
  CALL_REJECTED: "call.rejected",
  LABEL_UPSERT: "label.upsert",
  LABEL_DELETED: "label.deleted",
  LABEL_CHAT_ADDED: "label.chat.added",
  LABEL_CHAT_DELETED: "label.chat.deleted",
  GROUP_V2_JOIN: "group.v2.join",
  GROUP_V2_LEAVE: "group.v2.leave",
  GROUP_V2_UPDATE: "group.v2.update",
  GROUP_V2_PARTICIPANTS: "group.v2.participants",
  EVENT_RESPONSE: "event.response",
  EVENT_RESPONSE_FAILED: "event.response.failed",
  ENGINE_EVENT: "engine.event",
} as const;
export type WahaWebhookEvent = (typeof WahaWebhookEvent)[keyof typeof WahaWebhookEvent];

/** Wrong or old spellings that are accepted and sent right. */
export const wahaEventAliases: Readonly<Record<string, WahaWebhookEvent>> = {
  "state.changed": "state.change",
};

/** What both providers' webhook configurations have in common. */
export interface WebhookConfig {
  url?: string;
  enabled?: boolean;
  headers?: Record<string, string>;
}

export interface EvolutionWebhookConfig extends WebhookConfig {
  events?: EvolutionWebhookEvent[];
  /** One path per event behind the url. */
  webhookByEvents?: boolean;
  /** Media as base64 inside the body. */
  webhookBase64?: boolean;
}

export interface WahaWebhookConfig extends WebhookConfig {
  events?: (WahaWebhookEvent | "*")[];
  retries?:
    | number
    | { policy?: "constant" | "linear" | "exponential"; delaySeconds?: number; attempts?: number };
  hmac?: string | { key: string } | null;
  customHeaders?: { name: string; value: string }[];
}

/** Provider names as the documented socket payloads spell them. */
export const documentedProviders = {
  evolution: "EVOLUTION",
  waha: "WAHA",
} as const satisfies Record<ProviderName, string>;

/** The envelope of every `whatsapp:*` socket event. */
export interface WebSocketEventPayload<T = unknown> {
  /** Without the `whatsapp:` prefix. */
  event: string;
  instanceName: string;
  data: T;
  /** ISO-8601. */
  timestamp: string;
  provider: "EVOLUTION" | "WAHA";
  /** Recado's own additions: the event behind it and where it stands in the log. */
  id: string;
  offset: number;
  cursor: string;
  tenantId: string;
  type: string;
}

/** `whatsapp:connection_update` */
export interface ConnectionUpdateEvent {
  state: "open" | "connecting" | "close";
  legacy?: unknown;
  isOnline?: boolean;
  isNewLogin?: boolean;
  qr?: string;
  /** The provider's own word, where it is another. */
  providerState?: string;
  reason?: string;
  reasonCode?: number;
}

/** `whatsapp:qrcode_updated`; never sent without a code. */
export interface QRCodeUpdateEvent {
  qr: string;
  base64?: string;
  pairingCode?: string;
}

/** `whatsapp:message_received` and `whatsapp:message_sent` */
export interface MessageEvent {
  key: { remoteJid: string; fromMe: boolean; id: string; participant?: string };
  message?: unknown;
  messageType: string;
  /** Seconds. */
  messageTimestamp: number;
  pushName?: string;
  broadcast?: boolean;
}

/** `whatsapp:message_ack` */
export interface MessageAckEvent {
  id: string;
  chat: string;
  /** 0 pending, 1 sent, 2 delivered, 3 read. */
  ack: number;
  /** Seconds. */
  timestamp: number;
  /** The provider's own word; tells an error (0) and a played voice note (3) apart. */
  ackName?: string;
}

/** `whatsapp:status_instance` */
export interface StatusInstanceEvent {
  instance: string;
  status: "open" | "connecting" | "close";
}

/** Handlers by the name of the socket event, for typed listeners. */
export interface EventHandlers {
  "whatsapp:connection_update"?: (payload: WebSocketEventPayload<ConnectionUpdateEvent>) => void;
  "whatsapp:qrcode_updated"?: (payload: WebSocketEventPayload<QRCodeUpdateEvent>) => void;
  "whatsapp:message_received"?: (payload: WebSocketEventPayload<MessageEvent>) => void;
  "whatsapp:message_ack"?: (payload: WebSocketEventPayload<MessageAckEvent>) => void;
  "whatsapp:status_instance"?: (payload: WebSocketEventPayload<StatusInstanceEvent>) => void;
}
