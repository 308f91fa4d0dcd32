import { z } from "zod";
import { eventDataSchemas, type EventData } from "./event-data.ts";
import { eventTypes, type EventType } from "./event-types.ts";

/** The envelope: one shape for what is stored, pushed to sockets and delivered as a webhook. */

export const providerNames = ["evolution", "waha"] as const;
export type ProviderName = (typeof providerNames)[number];

export const chatKinds = ["person", "group", "newsletter", "status", "broadcast"] as const;
export type ChatKind = (typeof chatKinds)[number];

const chat = z.object({
  /** Canonical address: `@s.whatsapp.net`, `@lid`, `@g.us`, `@newsletter`, `@broadcast`; device suffix cut. */
  id: z.string(),
  kind: z.enum(chatKinds),
});
export type Chat = z.infer<typeof chat>;

const contact = z.object({
  /** The address the provider used, canonical. */
  jid: z.string(),
  /** Its linked id (`…@lid`), when WhatsApp said it. */
  lid: z.string().optional(),
  /** Digits, as WhatsApp says them. Absent rather than guessed: never taken from a LID or a group. */
  phone: z.string().optional(),
  name: z.string().optional(),
});
export type Contact = z.infer<typeof contact>;

const instance = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.enum(providerNames),
});
export type EventInstance = z.infer<typeof instance>;

const envelope = {
  /** `evt_` + UUID version 7. The same on every attempt of every delivery. */
  id: z.string().regex(/^evt_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  tenantId: z.string(),
  /** Absent on a tenant's own events and on those that name no instance. */
  instance: instance.optional(),
  /** Position in the tenant's log: dense (n, n+1, …), in the order in which commits became visible. */
  offset: z.number().int().positive(),
  /** ISO-8601 UTC. The provider's own time when it gives one, else `receivedAt`. */
  occurredAt: z.iso.datetime(),
  /** ISO-8601 UTC, this server's clock. */
  receivedAt: z.iso.datetime(),
  chat: chat.optional(),
  /** Who wrote or acted; in a direct chat the other person, whoever wrote. */
  contact: contact.optional(),
  fromMe: z.boolean().optional(),
  late: z.literal(true).optional(),
  recovered: z.literal(true).optional(),
  /** The provider's own body without its keys. Left out of lists unless asked for. */
  raw: z.unknown().optional(),
};

function variant<T extends EventType>(type: T): z.ZodObject {
  return z.object({ ...envelope, type: z.literal(type), data: eventDataSchemas[type] });
}

/** Parses any event of this version's vocabulary. Built at its first use: who only reads types pays nothing. */
export const eventSchema: z.ZodType<RecadoEvent> = z.lazy(
  () =>
    z.discriminatedUnion(
      "type",
      eventTypes.map(variant) as unknown as [z.ZodObject, ...z.ZodObject[]],
    ) as unknown as z.ZodType<RecadoEvent>,
);

/** What every event has, whatever its type. */
export interface EventEnvelope {
  readonly id: string;
  readonly tenantId: string;
  readonly instance?: EventInstance | undefined;
  readonly offset: number;
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly chat?: Chat | undefined;
  readonly contact?: Contact | undefined;
  readonly fromMe?: boolean | undefined;
  readonly late?: true | undefined;
  readonly recovered?: true | undefined;
  readonly raw?: unknown;
}

/** An event of type `T`. */
export type EventOf<T extends EventType> = EventEnvelope & {
  readonly type: T;
  readonly data: EventData[T];
};

/** Any event. `switch (event.type)` narrows `event.data`. */
export type RecadoEvent = { [T in EventType]: EventOf<T> }[EventType];
