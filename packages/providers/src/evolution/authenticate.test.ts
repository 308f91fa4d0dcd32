import { SignJWT, UnsecuredJWT, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import type { AuthOutcome } from "../contract.ts";
import { authenticate } from "./authenticate.ts";
import { capabilities } from "./capabilities.ts";

const secret = "a-secret-of-the-webhook-configuration";
const issuedAt = Date.UTC(2026, 10, 24, 12) / 1000;
const claims = { app: "evolution", action: "webhook" };

function token(
  payload: Record<string, unknown> = claims,
  key = secret,
  alg = "HS256",
): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg, typ: "JWT" })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 600)
    .sign(new TextEncoder().encode(key));
}

function judge(authorization: string | undefined, afterMs = 0, key = secret): Promise<AuthOutcome> {
  return authenticate(
    {
      headers: { authorization },
      bytes: new Uint8Array(),
      body: {},
      receivedAt: issuedAt * 1000 + afterMs,
    },
    key,
  );
}

describe("the bearer token of a webhook", () => {
  it("is authentic with the right key", async () => {
    expect(await judge(`Bearer ${await token()}`)).toEqual({ kind: "authentic" });
    expect(await judge(`bearer ${await token()}`)).toEqual({ kind: "authentic" });
  });

  it("stays authentic for the whole retry window after its expiry, since retries repeat it", async () => {
    const bearer = `Bearer ${await token()}`;
    expect(capabilities.retryWindowMs).toBeGreaterThanOrEqual(30 * 60_000);
    expect(await judge(bearer, 25 * 60_000)).toEqual({ kind: "authentic" });
    expect(await judge(bearer, 600_000 + capabilities.retryWindowMs)).toEqual({
      kind: "authentic",
    });
    expect(await judge(bearer, 600_001 + capabilities.retryWindowMs)).toMatchObject({
      kind: "forged",
    });
  });

  it("is forged with another key, other claims, or no expiry", async () => {
    const eternal = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(secret));
    const forged = [
      await token(claims, "another"),
      await token({ app: "evolution" }),
      await token({ ...claims, action: "x" }),
      eternal,
    ];
    for (const bearer of forged)
      expect(await judge(`Bearer ${bearer}`)).toMatchObject({ kind: "forged" });
  });

  it("is forged with another algorithm, or with none", async () => {
    const none = new UnsecuredJWT(claims).setExpirationTime(issuedAt + 600).encode();
    const { privateKey } = await generateKeyPair("RS256");
    const rsa = await new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256" })
      .setExpirationTime(issuedAt + 600)
      .sign(privateKey);
    const hs512 = await token(claims, secret, "HS512");
    for (const bearer of [none, rsa, hs512])
      expect(await judge(`Bearer ${bearer}`)).toMatchObject({ kind: "forged" });
  });

  it("is forged when a part was changed", async () => {
    const [header = "", , signature = ""] = (await token()).split(".");
    const payload = Buffer.from(JSON.stringify({ ...claims, exp: issuedAt + 1e6 })).toString(
      "base64url",
    );
    expect(await judge(`Bearer ${header}.${payload}.${signature}`)).toMatchObject({
      kind: "forged",
    });
    expect(await judge("Bearer a.b.c")).toMatchObject({ kind: "forged" });
  });

  it("is missing, not forged, where nothing is a token", async () => {
    for (const header of [undefined, "", "Basic eDp5", "Bearer", "Bearer rcd_in_abc"]) {
      expect(await judge(header)).toEqual({ kind: "unsigned" });
    }
  });

  it("proves nothing to an empty secret", async () => {
    expect(await judge(`Bearer ${await token()}`, 0, "")).toMatchObject({ kind: "forged" });
  });
});
