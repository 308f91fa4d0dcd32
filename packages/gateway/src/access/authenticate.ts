import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Ids } from "../base/ids.ts";
import { RecadoError } from "../base/recado-error.ts";
import type { Directory } from "../store/contract/index.ts";
import type { Access, Principal, TokenRequest } from "./principal.ts";
import { hashCredential, principalOfKey, tenantKeyPrefix } from "./tenant-key.ts";
import { defaultTenantId, principalOfClaims } from "./token-claims.ts";
import type { TokenVerifier, TokenVerifierOptions } from "./token-verifier.ts";
import { VerifiedCache } from "./verified-cache.ts";

/**
 * Turns credentials into principals.
 *
 * Owns: the admin key's hash, the JWT secret, a short memory of verified credentials. Must not know:
 * HTTP, sockets, which route is called.
 *
 * I1 The admin key is compared in constant time, and before anything else looks at the credential.
 * I2 A revoked key, an expired token and a deactivated tenant stop working within 5 seconds on every
 *    node, at once on the node that changed it (`forget`).
 * I3 An algorithm has one possible key (see token-verifier.ts).
 * Proven by `authenticate.test.ts`.
 */
export interface RecadoAccess extends Access {
  /** Forgets every verified credential: call it after a key or a tenant changed. */
  forget(): void;
}

export interface AccessOptions extends TokenVerifierOptions {
  readonly directory: Pick<Directory, "keyByHash" | "tenant">;
  /** The operator's key; any text of at least 16 characters. */
  readonly adminKey: string;
  readonly clock: Clock;
  readonly ids: Ids;
}

const adminPrincipal: Principal = {
  kind: "admin_key",
  role: "SUPERADMIN",
  tenantId: defaultTenantId,
};

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}

class CredentialAccess implements RecadoAccess {
  readonly #options: AccessOptions;
  readonly #adminHash: Buffer;
  #verifier: Promise<TokenVerifier> | undefined;
  readonly #cache: VerifiedCache;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#adminHash = sha256(options.adminKey);
    this.#cache = new VerifiedCache(() => options.clock.monotonic());
  }

  async authenticate(credential: string | undefined): Promise<Principal> {
    if (credential === undefined || credential === "") throw new RecadoError("token_missing");
    // Hashes have one length, whatever was sent: neither the comparison nor its time tells how close it was.
    const digest = sha256(credential);
    if (timingSafeEqual(digest, this.#adminHash)) return adminPrincipal;
    const hash = digest.toString("hex");
    const principal = this.#cache.get(hash) ?? (await this.#verify(credential, hash));
    if (principal.expiresAt !== undefined && principal.expiresAt <= this.#options.clock.now()) {
      throw new RecadoError("token_expired");
    }
    return principal;
  }

  async issueToken(
    request: TokenRequest,
  ): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const { ttlSeconds, ...claims } = request;
    const issuedAt = Math.floor(this.#options.clock.now() / 1_000);
    const expiresAt = issuedAt + ttlSeconds;
    const tokens = await this.#tokens();
    const token = await tokens.sign(
      { ...claims, jti: this.#options.ids.next("tok") },
      issuedAt,
      expiresAt,
    );
    return { token, expiresAt: expiresAt * 1_000 };
  }

  forget(): void {
    this.#cache.clear();
  }

  /** Loaded with its library at the first token: a server used with keys alone does without both. */
  #tokens(): Promise<TokenVerifier> {
    this.#verifier ??= import("./token-verifier.ts").then(({ createTokenVerifier }) =>
      createTokenVerifier(this.#options),
    );
    return this.#verifier;
  }

  async #verify(credential: string, hash: string): Promise<Principal> {
    const principal = credential.startsWith(tenantKeyPrefix)
      ? await this.#keyPrincipal(credential)
      : principalOfClaims(await (await this.#tokens()).verify(credential));
    const tenant = await this.#options.directory.tenant(principal.tenantId);
    if (!tenant?.active) throw new RecadoError("tenant_inactive");
    this.#cache.set(hash, principal);
    return principal;
  }

  async #keyPrincipal(credential: string): Promise<Principal> {
    const key = await this.#options.directory.keyByHash(hashCredential(credential));
    if (!key) throw new RecadoError("token_invalid");
    return principalOfKey(key);
  }
}

export function createAccess(options: AccessOptions): RecadoAccess {
  return new CredentialAccess(options);
}
