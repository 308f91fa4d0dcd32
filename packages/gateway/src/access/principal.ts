/**
 * Who is calling, once a credential was verified.
 *
 * One shape for the admin key, a tenant's API key and a JWT, so that no route asks what kind it was.
 */
export const roles = ["SUPERADMIN", "ADMIN", "TENANT_ADMIN", "USER"] as const;
export type Role = (typeof roles)[number];

export interface Principal {
  readonly kind: "admin_key" | "tenant_key" | "token";
  readonly role: Role;
  /** The tenant the credential belongs to; a SUPERADMIN may act for another one. */
  readonly tenantId: string;
  /** The credential named no tenant; `tenantId` is the default one. Only a SUPERADMIN's token. */
  readonly tenantAssumed?: true;
  /** Only these instance ids or names; absent: all of the tenant's. */
  readonly instances?: readonly string[];
  /** Only these scopes (`read`, `write`); absent: what the role allows. */
  readonly scopes?: readonly string[];
  readonly userId?: string;
  /** Unix milliseconds. */
  readonly expiresAt?: number;
}

/** Turns a credential into a principal. */
export interface Access {
  /**
   * Verifies an admin key, an API key (`rk_…`) or a JWT. Rejects with `token_missing`, `token_expired`,
   * `token_invalid`, `user_inactive` or `tenant_inactive`.
   */
  authenticate(credential: string | undefined): Promise<Principal>;
  /** Signs a JWT for a browser. */
  issueToken(claims: TokenRequest): Promise<{ readonly token: string; readonly expiresAt: number }>;
}

export interface TokenRequest {
  readonly tenantId: string;
  readonly role: Role;
  readonly userId?: string;
  readonly instances?: readonly string[];
  readonly scopes?: readonly string[];
  readonly ttlSeconds: number;
}
