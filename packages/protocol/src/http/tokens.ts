import { z } from "zod";
import { scopesSchema, timeSchema } from "./fields.ts";
import type { RouteContract } from "./route-contract.ts";

/** Longest life of a token that Recado signs, in seconds: 30 days. */
export const maxTokenTtlSeconds = 2_592_000;

export const issuedTokenSchema = z.object({ token: z.string(), expiresAt: timeSchema });
export type IssuedToken = z.infer<typeof issuedTokenSchema>;

export const tokenRoutes = {
  create: {
    method: "POST",
    path: "/tokens",
    tag: "tokens",
    permission: "write",
    summary: "Sign a short-lived token (JWT) for a browser",
    body: z.strictObject({
      /** Another tenant than the request's: operators only. */
      tenantId: z.string().min(1).optional(),
      /** Whom the token is for, in the words of the caller's own system. */
      userId: z.string().min(1).max(200).optional(),
      /** Ids or names; the token then sees only these. */
      instances: z.array(z.string().min(1)).min(1).max(100).optional(),
      /** Reading only, unless asked otherwise. */
      scopes: scopesSchema.default(["read"]),
      ttlSeconds: z.number().int().min(1).max(maxTokenTtlSeconds).optional(),
    }),
    status: 201,
    response: issuedTokenSchema,
  },
} as const satisfies Record<string, RouteContract>;
