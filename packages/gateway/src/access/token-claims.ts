import { z } from "zod";
import { RecadoError } from "../base/recado-error.ts";
import { roles, type Principal } from "./principal.ts";

/** The tenant that exists from the start; a single user never meets another. */
export const defaultTenantId = "default";

/**
 * Claims of the documented tokens. `userId` may be a number, as databases have it; other claims are
 * none of our business. `instances` and `scopes` are limits of tokens that we issue.
 */
const claimsSchema = z.object({
  userId: z.union([z.string(), z.number()]).transform(String).optional(),
  role: z.enum(roles),
  tenantId: z.string().min(1).nullish(),
  // The JSON text `1e999` reads as Infinity: a token that never ends although it has an `exp`.
  exp: z
    .number()
    .positive()
    .max(Number.MAX_SAFE_INTEGER / 1_000),
  instances: z.array(z.string()).optional(),
  scopes: z.array(z.string()).optional(),
});

/**
 * The principal behind verified claims. Pure.
 *
 * A token without a tenant is a SUPERADMIN's (who acts for the default tenant) or nobody's: falling
 * back to the default tenant would hand the operator's own data to any user whose account has no
 * tenant yet. Throws `token_invalid` or `tenant_inactive`.
 */
export function principalOfClaims(payload: unknown): Principal {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) throw new RecadoError("token_invalid");
  const { userId, role, tenantId, exp, instances, scopes } = parsed.data;
  if (!tenantId && role !== "SUPERADMIN") throw new RecadoError("tenant_inactive");
  return {
    kind: "token",
    role,
    tenantId: tenantId ?? defaultTenantId,
    ...(tenantId ? {} : { tenantAssumed: true as const }),
    expiresAt: exp * 1_000,
    ...(userId !== undefined ? { userId } : {}),
    ...(instances ? { instances } : {}),
    ...(scopes ? { scopes } : {}),
  };
}
