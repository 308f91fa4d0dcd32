import { z } from "zod";
import { eventSchema } from "../event.ts";
import {
  commaListSchema,
  flagSchema,
  idParams,
  momentSchema,
  typePatternSchema,
} from "./fields.ts";
import { listOf, pageFields } from "./list.ts";
import type { RouteContract } from "./route-contract.ts";

const shared = { tag: "events" } as const;

export const eventRoutes = {
  list: {
    ...shared,
    method: "GET",
    path: "/events",
    permission: "read",
    summary: "Read the log, newest first; behind a log cursor oldest first",
    query: z.strictObject({
      ...pageFields,
      after: pageFields.after.describe(
        "nextCursor of the page before, or a log cursor as sockets give it: then what came later, oldest first",
      ),
      instance: z.string().min(1).max(4_000).optional().describe("Instance id or name"),
      type: commaListSchema
        .pipe(z.array(typePatternSchema).min(1).max(100))
        .optional()
        .describe("Event types or groups (message.*), separated by commas"),
      chat: z.string().min(1).max(500).optional().describe("Address of the chat"),
      phone: z
        .string()
        .min(1)
        .max(50)
        .optional()
        .describe("Digits; +, spaces and dashes are ignored"),
      messageId: z.string().min(1).max(500).optional(),
      direction: z.enum(["in", "out"]).optional(),
      unrecognised: flagSchema.optional(),
      since: momentSchema.optional().describe("Received at or after"),
      until: momentSchema.optional().describe("Received before"),
      include: commaListSchema
        .pipe(z.array(z.enum(["raw"])))
        .optional()
        .describe("raw: with the provider's own body"),
    }),
    status: 200,
    response: listOf(eventSchema),
  },
  get: {
    ...shared,
    method: "GET",
    path: "/events/:id",
    permission: "read",
    summary: "Read an event with the provider's own body",
    params: idParams,
    status: 200,
    response: eventSchema,
  },
} as const satisfies Record<string, RouteContract>;
