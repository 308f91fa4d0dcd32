import { createHash } from "node:crypto";
import type { Ids } from "../base/ids.ts";
import type { ApiKey } from "../store/contract/index.ts";
import type { Principal } from "./principal.ts";

/** What every tenant key starts with; the admin key and JWTs never do. */
export const tenantKeyPrefix = "rk_";

/** What a key or token may be limited to. */
export const accessScopes = ["read", "write"] as const;
export type AccessScope = (typeof accessScopes)[number];

/** SHA-256 as lower-case hex: what is stored of a key. */
export function hashCredential(credential: string): string {
  return createHash("sha256").update(credential, "utf8").digest("hex");
}

/** A new key of 256 random bits: its text (shown once), its hash and the beginning that tells keys apart. */
export function newTenantKey(ids: Ids): {
  readonly key: string;
  readonly hash: string;
  readonly prefix: string;
} {
  const key = `${tenantKeyPrefix}${ids.token(32)}`;
  // 6 of 43 characters: enough to tell keys apart, 220 bits stay secret.
  return { key, hash: hashCredential(key), prefix: key.slice(0, tenantKeyPrefix.length + 6) };
}

/**
 * Who a stored key speaks for: its tenant's administrator, held back by the key's scopes. A key
 * without any scope can do nothing.
 */
export function principalOfKey(key: ApiKey): Principal {
  return {
    kind: "tenant_key",
    role: "TENANT_ADMIN",
    tenantId: key.tenantId,
    scopes: key.scopes,
    ...(key.expiresAt !== undefined ? { expiresAt: key.expiresAt } : {}),
  };
}
