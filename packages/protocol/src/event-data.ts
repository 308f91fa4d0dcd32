import { z } from "zod";
import { contentSchema } from "./content.ts";
import type { EventType } from "./event-types.ts";

/** `data` of each event type. What a provider did not say is absent, never null and never invented. */

const warnings = z.array(z.string()).optional();

const message = z.object({
  /** WhatsApp's own id of the message, without chat or direction. */
  messageId: z.string(),
  content: contentSchema,
  /** Where the provider says it was written: `api`, `app`, `android`, `ios`, `web`, `desktop`. */
  source: z.string().optional(),
  /** Delivery state when the message was reported, on the scale of `message.acked`. */
  status: z.number().int().min(-1).max(4).optional(),
  /** The provider's own word for it. */
  statusName: z.string().optional(),
  /** Id of the event that held this message before its content was known. */
  completes: z.string().optional(),
  warnings,
});

const person = z.object({
  jid: z.string(),
  lid: z.string().optional(),
  phone: z.string().optional(),
  name: z.string().optional(),
});

/**
 * How often the provider told what the number's event of this type before told, at short intervals, so
 * that it was counted instead of stored. Absent: never.
 */
const repeated = z.number().int().positive().optional();

const connectionState = z.enum(["open", "connecting", "close"]);

/** Why a number is not connected, in words; the provider's number stays beside it. */
export const connectionReasons = [
  "logged_out",
  "banned",
  "replaced",
  "restart_required",
  "timed_out",
  "connection_lost",
  "bad_session",
  "multi_device_mismatch",
  "service_unavailable",
  "qr_limit",
  "failed",
  "stopped",
  "unknown",
] as const;

const call = z.object({
  callId: z.string().optional(),
  /** `offer`, `ringing`, `accept`, `reject`, `timeout`, … as the provider says it, in lower case. */
  status: z.string(),
  video: z.boolean().optional(),
  group: z.boolean().optional(),
  warnings,
});

const endpointNews = z.object({
  endpointId: z.string(),
  url: z.string().optional(),
  reason: z.string().optional(),
});

const finding = z.object({ reason: z.string(), evidence: z.record(z.string(), z.unknown()) });

export const eventDataSchemas = {
  "message.received": message,
  "message.sent": message,
  "message.edited": z.object({
    /** The message that was edited. */
    messageId: z.string(),
    /** Absent when the provider reports the edit without its text. */
    content: contentSchema.optional(),
    statusName: z.string().optional(),
    warnings,
  }),
  "message.deleted": z.object({
    messageId: z.string(),
    /** What it said, where the provider still knows. */
    content: contentSchema.optional(),
    statusName: z.string().optional(),
    warnings,
  }),
  "message.reacted": z.object({
    /** Id of the reaction itself. */
    messageId: z.string().optional(),
    targetMessageId: z.string().optional(),
    /** Empty when the reaction was taken back. */
    emoji: z.string(),
    warnings,
  }),
  "message.acked": z.object({
    messageId: z.string(),
    /** −1 error, 0 pending, 1 sent, 2 delivered, 3 read, 4 played; null when the provider's value is none of these. */
    status: z.number().int().min(-1).max(4).nullable(),
    /** The provider's own word or number, unchanged. */
    statusName: z.string().optional(),
    /** Whose receipt this is, in groups. */
    participant: person.optional(),
    warnings,
  }),
  "poll.voted": z.object({
    /** Id of the vote, where it has one of its own. */
    messageId: z.string().optional(),
    pollMessageId: z.string().optional(),
    /** Names chosen now; empty when the vote was taken back or could not be read. */
    options: z.array(z.string()),
    failed: z.literal(true).optional(),
    warnings,
  }),
  "instance.qr_updated": z.object({
    /** The raw code to draw; absent when the provider only says that one is waiting. */
    qr: z.string().optional(),
    /** The same as a data URL. */
    base64: z.string().optional(),
    pairingCode: z.string().optional(),
    warnings,
  }),
  "instance.qr_expired": z.object({
    reason: z.string(),
    statusCode: z.number().int().optional(),
    warnings,
  }),
  "instance.connection_changed": z.object({
    state: connectionState,
    /** The provider's own word. */
    providerState: z.string(),
    reason: z.enum(connectionReasons).optional(),
    /** The provider's own number, for example 401. */
    reasonCode: z.number().int().optional(),
    /** Own address once connected. */
    account: person.optional(),
    /** More the provider said about it, in its own words (passkey, reach-out lock). */
    detail: z.string().optional(),
    repeated,
    warnings,
  }),
  "instance.status_changed": z.object({
    status: connectionState,
    providerStatus: z.string(),
    reason: z.enum(connectionReasons).optional(),
    reasonCode: z.number().int().optional(),
    repeated,
    warnings,
  }),
  "instance.created": z.object({ providerId: z.string().optional(), warnings }),
  "instance.removed": z.object({ providerId: z.string().optional(), warnings }),
  "instance.logged_out": z.object({ reason: z.string().optional(), warnings }),
  "contact.updated": z.object({
    name: z.string().optional(),
    pictureUrl: z.string().optional(),
    warnings,
  }),
  "chat.updated": z.object({
    name: z.string().optional(),
    unread: z.number().int().optional(),
    archived: z.boolean().optional(),
    warnings,
  }),
  "chat.deleted": z.object({ warnings }),
  "group.updated": z.object({
    subject: z.string().optional(),
    description: z.string().optional(),
    /** `joined`, `left`, `updated`, `requested`. */
    action: z.string().optional(),
    participants: z.array(person).optional(),
    warnings,
  }),
  "group.participants_changed": z.object({
    /** `add`, `remove`, `promote`, `demote`, or the provider's own word. */
    action: z.string(),
    participants: z.array(person),
    warnings,
  }),
  "presence.updated": z.object({
    presences: z.array(
      z.object({
        jid: z.string(),
        /** `available`, `unavailable`, `composing`, `recording`, `paused`, or the provider's own word. */
        presence: z.string(),
        lastSeenAt: z.string().optional(),
      }),
    ),
    warnings,
  }),
  "call.received": call,
  "call.updated": call,
  "label.edited": z.object({
    labelId: z.string().optional(),
    name: z.string().optional(),
    color: z.string().optional(),
    deleted: z.boolean(),
    warnings,
  }),
  "label.assigned": z.object({
    labelId: z.string().optional(),
    name: z.string().optional(),
    /** False when it was taken off. */
    assigned: z.boolean(),
    warnings,
  }),
  "history.synced": z.object({
    kind: z.enum(["messages", "contacts", "chats", "totals"]),
    count: z.number().int().nonnegative(),
    /** Percent. */
    progress: z.number().optional(),
    isLatest: z.boolean().optional(),
    warnings,
  }),
  "provider.event": z.object({
    /** The provider's own name of the event; absent when the body has none. */
    event: z.string().optional(),
    /** Why it is not one of the other types, as a stable word, for example `unknown_event`. */
    reason: z.string(),
    /** The same for a person. */
    explanation: z.string().optional(),
    warnings,
  }),
  "instance.silent": finding,
  "instance.frozen": finding,
  "instance.webhook_changed": finding,
  "endpoint.failing": endpointNews,
  "endpoint.recovered": endpointNews,
  "endpoint.disabled": endpointNews,
  "delivery.exhausted": endpointNews.extend({
    deliveryId: z.string(),
    /** The event that could not be delivered. */
    eventId: z.string(),
    attempts: z.number().int().positive(),
    lastError: z.string().optional(),
  }),
  "app.emitted": z.object({ event: z.string(), payload: z.unknown() }),
} as const satisfies Record<EventType, z.ZodType>;

/** `data` by event type. */
export type EventData = { [T in EventType]: z.infer<(typeof eventDataSchemas)[T]> };
export type Person = z.infer<typeof person>;
export type ConnectionState = z.infer<typeof connectionState>;
export type ConnectionReason = (typeof connectionReasons)[number];
