import { z } from "zod";
import { chatKinds } from "../../event.ts";
import { flagSchema, timeSchema } from "../fields.ts";
import { listOf, pageFields } from "../list.ts";
import type { RouteContract } from "../route-contract.ts";
import { ackName, ackStatus, complete } from "./states.ts";

/** Conversations with their newest message: read from the log's events together. */

export const chatSchema = z.object({
  /** Its address: the phone's where it is known. */
  id: z.string(),
  kind: z.enum(chatKinds),
  instanceId: z.string(),
  /** The contact's or group's newest name. */
  name: z.string().optional(),
  /** Digits, of a person whose phone WhatsApp said. */
  phone: z.string().optional(),
  /** Incoming since our last message or reading; counted up to 999. */
  unread: z.number().int().min(0).max(999),
  archived: z.boolean().optional(),
  /** Members of a group, when its list was told. */
  participants: z.number().int().nonnegative().optional(),
  lastMessage: z.object({
    id: z.string(),
    direction: z.enum(["in", "out"]),
    at: timeSchema,
    kind: z.string(),
    /** Text or caption, at most 200 characters. */
    text: z.string().optional(),
    deleted: z.literal(true).optional(),
    ack: z.object({ status: ackStatus, name: ackName }).optional(),
  }),
  /** Time of the newest message. */
  lastActivityAt: timeSchema,
});
export type ChatSummary = z.infer<typeof chatSchema>;

export const chatRoutes = {
  list: {
    tag: "messages",
    method: "GET",
    path: "/chats",
    permission: "read",
    summary: "List conversations, the newest activity first",
    query: z.strictObject({
      ...pageFields,
      limit: pageFields.limit.unwrap().max(200).default(50),
      instance: z.string().min(1).max(4_000).optional().describe("Instance id or name"),
      unread: flagSchema.optional().describe("true: only those with unread messages"),
    }),
    status: 200,
    response: listOf(chatSchema).extend({ complete }),
  },
} as const satisfies Record<string, RouteContract>;
