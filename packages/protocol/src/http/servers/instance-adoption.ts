import { z } from "zod";
import { idParams, timeSchema } from "../fields.ts";
import { reasonSchema } from "./reason.ts";
import type { RouteContract } from "../route-contract.ts";
import { reachSchema } from "./servers.ts";

/** The webhook of a number at its provider, as it was found when it was last looked at. */
export const hookSchema = z
  .object({
    /** `none`: nothing was ever done there; `pending`: begun; `drifted`: it stands there changed; `released`: given back on request. */
    state: z.enum(["none", "pending", "adopted", "drifted", "failed", "released"]),
    /** What differs from what we want; addresses only as far as where they lead. */
    differences: z.array(z.object({ setting: z.string(), wanted: z.string(), found: z.string() })),
    reason: reasonSchema.optional(),
    adoptedAt: timeSchema.optional(),
    checkedAt: timeSchema.optional(),
    /** Since when the provider does not list the number. */
    vanishedAt: timeSchema.optional(),
    /** The endpoint that keeps the address receiving which stood there before. */
    keptEndpointId: z.string().optional(),
    /** Headers of that address which an endpoint must not set, by name. */
    droppedHeaders: z.array(z.string()).optional(),
    /** Evolution: media come inside the bodies, as that address had them. */
    media: z.literal(true).optional(),
    /** WAHA: webhooks of others beside ours. */
    others: z.number().int().optional(),
    /** From when on webhooks must be signed; absent: already, or never (see `signed`). */
    signedFrom: timeSchema.optional(),
    /** Whether webhooks must be signed now. */
    signed: z.boolean(),
  })
  .meta({ id: "Hook" });
export type HookResource = z.infer<typeof hookSchema>;

const shared = { tag: "instances", permission: "write", params: idParams, status: 200 } as const;

/** What can be done about the webhook of one number. */
export const instanceAdoptionRoutes = {
  get: {
    ...shared,
    method: "GET",
    path: "/instances/:id/hook",
    permission: "read",
    summary: "Read how the number's webhook stands at its provider",
    response: hookSchema,
  },
  sync: {
    ...shared,
    method: "POST",
    path: "/instances/:id/sync",
    summary: "Put the number's webhook in place at its provider, also after it was given back",
    response: z.object({
      outcome: z.enum(["adopted", "already", "skipped", "failed"]),
      reason: reasonSchema.optional(),
    }),
  },
  release: {
    ...shared,
    method: "POST",
    path: "/instances/:id/release",
    summary: "Give the number back: what was set there before is set again",
    response: z.object({
      outcome: z.enum(["released", "nothing", "failed"]),
      reason: reasonSchema.optional(),
    }),
  },
  test: {
    ...shared,
    method: "POST",
    path: "/instances/:id/test",
    summary:
      "Tell whether the number's webhooks reach this gateway; changes nothing at its provider",
    response: reachSchema,
  },
} as const satisfies Record<string, RouteContract>;
