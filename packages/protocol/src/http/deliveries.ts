import { z } from "zod";
import { deliveryStatuses } from "../webhook.ts";
import { testOutcomeSchema } from "./endpoints.ts";
import { idParams, timeSchema } from "./fields.ts";
import { listOf, pageFields } from "./list.ts";
import type { RouteContract } from "./route-contract.ts";

export const deliverySchema = z
  .object({
    id: z.string(),
    endpointId: z.string(),
    eventId: z.string(),
    eventOffset: z.number().int(),
    eventType: z.string(),
    status: z.enum(deliveryStatuses),
    /** Attempts in the current schedule; a resend starts a new one. */
    attempts: z.number().int(),
    totalAttempts: z.number().int(),
    /** When the next attempt is due, while pending. */
    dueAt: timeSchema.optional(),
    finishedAt: timeSchema.optional(),
    lastError: z.string().optional(),
    lastStatusCode: z.number().int().optional(),
    createdAt: timeSchema,
  })
  .meta({ id: "Delivery" });
export type DeliveryResource = z.infer<typeof deliverySchema>;

export const attemptSchema = testOutcomeSchema
  .extend({
    /** From 1, over all schedules. */
    number: z.number().int(),
  })
  .meta({ id: "Attempt" });
export type AttemptResource = z.infer<typeof attemptSchema>;

const shared = { tag: "deliveries" } as const;

export const deliveryRoutes = {
  list: {
    ...shared,
    method: "GET",
    path: "/deliveries",
    permission: "read",
    summary: "List deliveries, newest first",
    query: z.strictObject({
      ...pageFields,
      endpoint: z.string().min(1).max(200).optional().describe("Endpoint id"),
      status: z.enum(deliveryStatuses).optional(),
      event: z.string().min(1).max(200).optional().describe("Event id"),
    }),
    status: 200,
    response: listOf(deliverySchema),
  },
  attempts: {
    ...shared,
    method: "GET",
    path: "/deliveries/:id/attempts",
    permission: "read",
    summary: "List a delivery's attempts, oldest first",
    params: idParams,
    status: 200,
    response: listOf(attemptSchema),
  },
  resend: {
    ...shared,
    method: "POST",
    path: "/deliveries/:id/resend",
    permission: "write",
    summary: "Send a delivery again, with its whole schedule in front of it",
    params: idParams,
    status: 200,
    response: deliverySchema,
  },
} as const satisfies Record<string, RouteContract>;
