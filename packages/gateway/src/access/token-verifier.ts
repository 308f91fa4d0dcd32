import { createSecretKey } from "node:crypto";
import {
  createRemoteJWKSet,
  customFetch,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  SignJWT,
  type FetchImplementation,
  type JWTPayload,
} from "jose";
import type { Clock } from "../base/clock.ts";
import { RecadoError } from "../base/recado-error.ts";

/** Fetches an issuer's public keys; given from outside, since only one module may make requests. */
export type KeyFetch = FetchImplementation;

export interface TokenVerifierOptions {
  /** HS256 secret, as text (its UTF-8 bytes are the key). */
  readonly jwtSecret: string;
  /** An issuer's published keys, beside our own secret. */
  readonly jwks?: { readonly url: string; readonly fetch: KeyFetch };
  readonly clock: Clock;
}

/** Algorithms whose key comes from the issuer. No HS here: a public key must never serve as a secret. */
const issuerAlgorithms =
  "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ");

/** Longest token looked at; a JWT with these claims is below 2 KB. */
const maxTokenLength = 8_192;

/** Verifies and signs JWTs. */
export interface TokenVerifier {
  /** The claims of a token whose signature, times and `exp` are right. Rejects with `token_expired` or `token_invalid`. */
  verify(token: string): Promise<unknown>;
  /** Signs with HS256. Times are Unix seconds. */
  sign(claims: JWTPayload, issuedAt: number, expiresAt: number): Promise<string>;
}

function refusal(error: unknown, usesIssuer: boolean): RecadoError {
  if (error instanceof errors.JWTExpired) return new RecadoError("token_expired");
  // The token may be fine: it is we who cannot read the issuer's keys, and the caller may try again.
  const unreadable =
    error instanceof errors.JOSEError
      ? ["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"].includes(error.code)
      : true;
  if (usesIssuer && unreadable) {
    return new RecadoError("internal", ["the issuer's keys cannot be read"], { cause: error });
  }
  return new RecadoError("token_invalid");
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    return undefined; // Not a JWT at all: refused below like any other unknown algorithm.
  }
}

/**
 * The key is chosen by the algorithm, and each algorithm has one possible source: HS256 our secret,
 * RS/PS/ES/EdDSA the issuer's keys. So `alg: none`, a public key used as an HMAC secret, or a token
 * signed with a weaker algorithm find no key.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { clock, jwks } = options;
  const secret = createSecretKey(Buffer.from(options.jwtSecret, "utf8"));
  const issuer = jwks && createRemoteJWKSet(new URL(jwks.url), { [customFetch]: jwks.fetch });

  async function claimsOf(token: string, alg: string | undefined): Promise<JWTPayload> {
    const rules = { requiredClaims: ["exp"], currentDate: new Date(clock.now()) };
    if (alg === "HS256") {
      return (await jwtVerify(token, secret, { ...rules, algorithms: ["HS256"] })).payload;
    }
    if (issuer && alg !== undefined && issuerAlgorithms.includes(alg)) {
      return (await jwtVerify(token, issuer, { ...rules, algorithms: [alg] })).payload;
    }
    throw new errors.JOSEAlgNotAllowed("no key for this algorithm");
  }

  return {
    async verify(token) {
      if (token.length > maxTokenLength) throw new RecadoError("token_invalid");
      const alg = algorithmOf(token);
      try {
        return await claimsOf(token, alg);
      } catch (error) {
        throw refusal(
          error,
          issuer !== undefined && alg !== undefined && issuerAlgorithms.includes(alg),
        );
      }
    },
    sign: (claims, issuedAt, expiresAt) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(secret),
  };
}
