import { z } from "zod";
import { deliveryStatuses } from "../webhook.ts";
import { timeSchema } from "./fields.ts";
import type { RouteContract } from "./route-contract.ts";

export const statsSchema = z.object({
  tenantId: z.string(),
  version: z.string(),
  startedAt: timeSchema,
  uptimeSeconds: z.number().int(),
  /** Absent for a credential that is limited to some instances, as are `duplicates`. */
  events: z
    .object({
      /** Newest offset; 0 before the first event. */
      head: z.number().int(),
      /** Oldest offset still kept. */
      floor: z.number().int(),
      stored: z.number().int(),
      /** What they take with their bodies, roughly, in bytes; without the newest thousand of the whole log. */
      keptBytes: z.number().int().optional(),
    })
    .optional(),
  /** Repeats that were recognised and not stored again, by cause. */
  duplicates: z.record(z.string(), z.number().int()).optional(),
  deliveries: z.record(z.enum(deliveryStatuses), z.number().int()),
  instances: z.array(
    z.object({
      id: z.string(),
      lastEventAt: timeSchema,
      events: z.number().int(),
      /** Repeats of this number's events that were recognised and not stored again, by cause. */
      duplicates: z.record(z.string(), z.number().int()),
      /** Repeats of a connection state that were counted instead of stored, since the start of the process. */
      coalesced: z.number().int(),
      /** Presence above the rate of INGEST_RATE_PER_INSTANCE or INGEST_RATE_PER_TENANT, since the start of the process. */
      shed: z.number().int(),
    }),
  ),
  /** Numbers of the whole process; operators only. */
  process: z.record(z.string(), z.number()).optional(),
});
export type Stats = z.infer<typeof statsSchema>;

export const statsRoutes = {
  get: {
    method: "GET",
    path: "/stats",
    tag: "stats",
    permission: "read",
    summary: "What the tenant has and how it goes",
    status: 200,
    response: statsSchema,
  },
} as const satisfies Record<string, RouteContract>;
