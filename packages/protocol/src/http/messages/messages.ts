import { z } from "zod";
import { contentSchema } from "../../content.ts";
import { chatKinds } from "../../event.ts";
import { because, momentSchema, timeSchema } from "../fields.ts";
import { listOf, pageFields } from "../list.ts";
import type { RouteContract } from "../route-contract.ts";
import { ackName, ackStatus, complete } from "./states.ts";

/** What became of each message: read from the log's events together. */

const party = z.object({
  /** The phone's address where it is known, else the address that the provider used. */
  jid: z.string(),
  /** Digits; absent while WhatsApp never said them. */
  phone: z.string().optional(),
  name: z.string().optional(),
});
export type MessageParty = z.infer<typeof party>;

/** Absent `by`: the provider does not say who. */
const doer = { fromMe: z.literal(true).optional(), by: party.optional() };
const toldBy = { at: timeSchema, eventId: z.string() };

export const messageSchema = z.object({
  /** WhatsApp's own id. Two chats can have a message of the same id. */
  id: z.string(),
  instanceId: z.string(),
  chat: z.object({ id: z.string(), kind: z.enum(chatKinds) }).optional(),
  /** Absent while only changes of the message are known. */
  direction: z.enum(["in", "out"]).optional(),
  /** Who wrote it; in a direct chat the other person, whoever wrote. */
  contact: party.optional(),
  /** When it was written; absent while only changes of it are known. */
  at: timeSchema.optional(),
  receivedAt: timeSchema.optional(),
  /** What it says now, edits included. Stays readable after a deletion. */
  content: contentSchema.optional(),
  /** What it said at first, when it was edited since. */
  originalContent: contentSchema.optional(),
  /** Oldest first, at most the newest 50. `content` is absent where the provider reports an edit without its text. */
  edits: z.array(z.object({ ...toldBy, content: contentSchema.optional() })),
  deleted: z.object({ ...toldBy, ...doer }).optional(),
  /** The one reaction that each person has now. */
  reactions: z.array(z.object({ ...toldBy, ...doer, emoji: z.string() })),
  /** What each person has chosen now. `failed`: the newest vote could not be read. */
  votes: z.array(
    z.object({
      ...toldBy,
      ...doer,
      options: z.array(z.string()),
      failed: z.literal(true).optional(),
    }),
  ),
  ack: z
    .object({
      /** The highest ever reported; in groups, by anybody. Never falls. */
      status: ackStatus,
      name: ackName,
      at: timeSchema,
      /** In groups: how far it is at each person. */
      participants: z
        .array(z.object({ ...party.shape, status: ackStatus, name: ackName, at: timeSchema }))
        .optional(),
      /** As they arrived, at most the newest 50. `outOfOrder`: lower than one before it. `status` null: a word of the provider's that is no state. */
      history: z.array(
        z.object({
          status: ackStatus.nullable(),
          at: timeSchema,
          offset: z.number().int().positive(),
          participant: z.string().optional(),
          outOfOrder: z.literal(true).optional(),
        }),
      ),
    })
    .optional(),
  /** Where the provider says it was written: `api`, `app`, `android`, `ios`, `web`, `desktop`. */
  source: z.string().optional(),
  late: z.literal(true).optional(),
  recovered: z.literal(true).optional(),
  /** The events behind all this, in log order, at most the newest 200. */
  events: z.array(z.object({ id: z.string(), type: z.string(), offset: z.number().int() })),
});
export type Message = z.infer<typeof messageSchema>;

export const messageRoutes = {
  list: {
    tag: "messages",
    method: "GET",
    path: "/messages",
    permission: "read",
    summary: "Read what became of messages, newest first; needs chat, phone, id or text",
    query: z
      .strictObject({
        ...pageFields,
        limit: pageFields.limit.unwrap().max(200).default(50),
        chat: z.string().min(1).max(500).optional().describe("Address of the chat, phone or LID"),
        phone: z
          .string()
          .min(1)
          .max(50)
          .optional()
          .describe("Digits: the direct chat, and what this person wrote in groups"),
        id: z.string().min(1).max(500).optional().describe("WhatsApp's id of the message"),
        text: z
          .string()
          .min(1)
          .max(500)
          .optional()
          .describe("Words of the message; needs TEXT_SEARCH=on"),
        instance: z.string().min(1).max(4_000).optional().describe("Instance id or name"),
        direction: z.enum(["in", "out"]).optional(),
        since: momentSchema.optional().describe("Written at or after"),
        until: momentSchema.optional().describe("Written before"),
      })
      .refine(({ chat, phone, id, text }) => (chat ?? phone ?? id ?? text) !== undefined, {
        path: ["chat"],
        ...because("needs_one_of"),
      }),
    status: 200,
    response: listOf(messageSchema).extend({ complete }),
  },
} as const satisfies Record<string, RouteContract>;
