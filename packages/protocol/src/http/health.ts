import { z } from "zod";
import { timeSchema } from "./fields.ts";
import type { RouteContract } from "./route-contract.ts";

export const healthSchema = z.object({ status: z.literal("OK"), timestamp: timeSchema });

export const healthRoutes = {
  get: {
    method: "GET",
    path: "/health",
    tag: "health",
    permission: "public",
    summary: "Whether the process lives",
    status: 200,
    response: healthSchema,
  },
} as const satisfies Record<string, RouteContract>;
