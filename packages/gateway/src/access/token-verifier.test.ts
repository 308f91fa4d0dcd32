import { createHmac } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK, type JWTPayload } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.ts";
import { RecadoError } from "../base/recado-error.ts";
import { createTokenVerifier, type KeyFetch } from "./token-verifier.ts";

const secret = "a secret of at least sixteen characters";
const claims = { userId: "u1", role: "ADMIN", tenantId: "default" };
const now = (): number => Math.floor(Date.now() / 1_000);

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A JWT put together by hand, as an attacker would. */
function handmade(header: object, payload: object, key: string | undefined): string {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${key === undefined ? "" : createHmac("sha256", key).update(signed).digest("base64url")}`;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason,
  );
  return error instanceof RecadoError ? error.code : String(error);
}

function hs256(payload: JWTPayload, expiresIn = 60): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt()
    .setExpirationTime(now() + expiresIn)
    .sign(Buffer.from(secret));
}

describe("tokens signed with our secret", () => {
  const verifier = createTokenVerifier({ jwtSecret: secret, clock: systemClock });

  it("a documented token is accepted with its claims", async () => {
    expect(await verifier.verify(await hs256(claims))).toMatchObject(claims);
  });

  it("a token that we sign is one that we accept", async () => {
    const token = await verifier.sign(claims, now(), now() + 60);
    expect(await verifier.verify(token)).toMatchObject({
      ...claims,
      exp: expect.any(Number),
      iat: expect.any(Number),
    });
  });

  it("an expired token is refused as expired, to the second", async () => {
    expect(await codeOf(hs256(claims, 0).then(verifier.verify))).toBe("token_expired");
    expect(await codeOf(hs256(claims, -3_600).then(verifier.verify))).toBe("token_expired");
  });

  const exp = now() + 3_600;
  it.each<[string, () => string | Promise<string>]>([
    ["without exp", () => handmade({ alg: "HS256" }, claims, secret)],
    [
      "with an exp that is a text",
      () => handmade({ alg: "HS256" }, { ...claims, exp: "never" }, secret),
    ],
    ["of algorithm none", () => handmade({ alg: "none" }, { ...claims, exp }, undefined)],
    ["of algorithm None", () => handmade({ alg: "None" }, { ...claims, exp }, undefined)],
    [
      "of algorithm none with our signature",
      () => handmade({ alg: "none" }, { ...claims, exp }, secret),
    ],
    ["without an algorithm", () => handmade({ typ: "JWT" }, { ...claims, exp }, secret)],
    ["that names another HMAC", () => handmade({ alg: "HS512" }, { ...claims, exp }, secret)],
    [
      "signed with another secret",
      () => handmade({ alg: "HS256" }, { ...claims, exp }, "another secret of sixteen"),
    ],
    ["signed with an empty secret", () => handmade({ alg: "HS256" }, { ...claims, exp }, "")],
    ["without a signature", () => handmade({ alg: "HS256" }, { ...claims, exp }, undefined)],
    [
      "that brings its own key",
      () => handmade({ alg: "HS256", jwk: { kty: "oct", k: "QUFB" } }, { ...claims, exp }, "AAA"),
    ],
    [
      "with a critical header that nobody knows",
      () => handmade({ alg: "HS256", crit: ["b64x"], b64x: 1 }, { ...claims, exp }, secret),
    ],
    ["not valid yet", () => handmade({ alg: "HS256" }, { ...claims, exp, nbf: exp - 10 }, secret)],
    ["that is no JWT", () => "certainly.not.one"],
    ["that is a megabyte", () => "a".repeat(1_048_576)],
    [
      "whose payload was changed",
      async () =>
        (await hs256(claims)).replace(
          /\.[^.]+\./,
          `.${part({ ...claims, role: "SUPERADMIN", exp })}.`,
        ),
    ],
    [
      "of an issuer that nobody named",
      async () => {
        const { privateKey } = await generateKeyPair("RS256");
        return new SignJWT(claims)
          .setProtectedHeader({ alg: "RS256" })
          .setExpirationTime("1h")
          .sign(privateKey);
      },
    ],
  ])("a token %s is refused", async (_name, token) => {
    expect(await codeOf(verifier.verify(await token()))).toBe("token_invalid");
  });
});

describe("tokens of an issuer with published keys", () => {
  const keys: { jwk: JWK; pair: Awaited<ReturnType<typeof generateKeyPair>>; alg: string }[] = [];
  let fetched = 0;
  const fetch: KeyFetch = async () => {
    fetched++;
    return Response.json({ keys: keys.map(({ jwk }) => jwk) });
  };
  const verifier = createTokenVerifier({
    jwtSecret: secret,
    jwks: { url: "https://issuer.example/keys", fetch },
    clock: systemClock,
  });

  beforeAll(async () => {
    for (const alg of ["RS256", "ES256", "EdDSA"]) {
      const pair = await generateKeyPair(alg, { extractable: true });
      keys.push({
        pair,
        alg,
        jwk: { ...(await exportJWK(pair.publicKey)), alg, kid: alg, use: "sig" },
      });
    }
  });

  function issued(index: number, header: { alg: string; kid?: string }): Promise<string> {
    const key = keys[index]?.pair.privateKey;
    if (!key) throw new Error("no such key");
    return new SignJWT(claims).setProtectedHeader(header).setExpirationTime("1h").sign(key);
  }

  it("RS256, ES256 and EdDSA are accepted, and the keys are fetched once", async () => {
    for (const [index, { alg }] of keys.entries()) {
      expect(await verifier.verify(await issued(index, { alg, kid: alg }))).toMatchObject(claims);
    }
    expect(fetched).toBe(1);
  });

  it("our own tokens work beside them", async () => {
    expect(await verifier.verify(await hs256(claims))).toMatchObject(claims);
  });

  it("an issuer's public key is never taken for an HMAC secret", async () => {
    const publicKey = keys[0]?.pair.publicKey;
    if (!publicKey) throw new Error("no key");
    const pem = await exportSPKI(publicKey);
    const jwk = JSON.stringify(keys[0]?.jwk);
    for (const key of [pem, pem.trim(), jwk]) {
      const forged = handmade({ alg: "HS256", kid: "RS256" }, { ...claims, exp: now() + 60 }, key);
      expect(await codeOf(verifier.verify(forged))).toBe("token_invalid");
    }
  });

  it("a key that the issuer does not publish is refused", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: "RS256" })
      .setExpirationTime("1h")
      .sign(privateKey);
    expect(await codeOf(verifier.verify(forged))).toBe("token_invalid");
  });

  it("an issuer that cannot be reached is our failure, not the token's", async () => {
    const unreachable = createTokenVerifier({
      jwtSecret: secret,
      jwks: {
        url: "https://issuer.example/keys",
        fetch: () => Promise.reject(new Error("no route")),
      },
      clock: systemClock,
    });
    expect(await codeOf(unreachable.verify(await issued(0, { alg: "RS256", kid: "RS256" })))).toBe(
      "internal",
    );
  });
});
