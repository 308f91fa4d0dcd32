import type { Principal, TokenRequest } from "../../access/index.ts";
import { fieldIssue } from "../validation.ts";

export interface WantedToken {
  readonly tenantId: string;
  readonly scopes: readonly string[];
  /** Ids, already looked up; absent: all of the tenant's. */
  readonly instances?: readonly string[];
  readonly userId?: string;
  readonly ttlSeconds: number;
}

/**
 * What a new token may say, given who asks. Pure.
 *
 * A token never does more, sees more or lives longer than the credential that asked for it, so that
 * renewing cannot outlast a key's expiry. It is a TENANT_ADMIN's when it may write, else a USER's;
 * operators cannot be made here.
 */
export function tokenRequest(
  principal: Principal,
  wanted: WantedToken,
  nowMs: number,
  ownInstanceIds?: ReadonlySet<string>,
): TokenRequest {
  const { scopes, userId } = wanted;
  if (principal.scopes && scopes.some((scope) => !principal.scopes?.includes(scope))) {
    throw fieldIssue(["scopes"], "wider_than_yours");
  }
  const left =
    principal.expiresAt === undefined
      ? Infinity
      : Math.floor((principal.expiresAt - nowMs) / 1_000);
  const instances = wanted.instances ?? (ownInstanceIds && [...ownInstanceIds]);
  return {
    tenantId: wanted.tenantId,
    role: scopes.includes("write") ? "TENANT_ADMIN" : "USER",
    scopes: [...new Set(scopes)],
    ttlSeconds: Math.max(1, Math.min(wanted.ttlSeconds, left)),
    ...(instances ? { instances } : {}),
    ...(userId !== undefined ? { userId } : {}),
  };
}
