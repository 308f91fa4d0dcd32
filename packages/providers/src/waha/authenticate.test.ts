import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { authenticate } from "./authenticate.ts";
import { recordedEvents } from "./testing/fixture.ts";

const key = "recado-fixture-hmac-key";

function request(text: string, headers: Readonly<Record<string, string | undefined>>) {
  const bytes = new TextEncoder().encode(text);
  return { headers, bytes, body: {}, receivedAt: 0 };
}

function sign(text: string, secret: string): string {
  return createHmac("sha512", secret).update(text).digest("hex");
}

const signed = recordedEvents().filter(({ headers }) => headers["x-webhook-hmac"] !== undefined);

describe("WAHA's signature", () => {
  it("is on most recorded webhooks", () => {
    expect(signed.length).toBeGreaterThan(80);
  });

  it.each(signed.map((fixture) => [fixture.name, fixture] as const))(
    "of %s verifies over its bytes and no others",
    async (_name, { text, headers }) => {
      expect(await authenticate(request(text, headers), key)).toEqual({ kind: "authentic" });
      const changed = `${text.slice(0, -1)} }`;
      expect(await authenticate(request(changed, headers), key)).toMatchObject({ kind: "forged" });
      expect(await authenticate(request(text, headers), `${key}x`)).toMatchObject({
        kind: "forged",
      });
    },
  );

  it("is WAHA's documented example", async () => {
    const text = '{"event":"message","session":"default","engine":"WEBJS"}';
    const hmac =
      "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89";
    const headers = { "x-webhook-hmac": hmac, "x-webhook-hmac-algorithm": "sha512" };
    expect(await authenticate(request(text, headers), "my-secret-key")).toEqual({
      kind: "authentic",
    });
  });

  it("may be written in upper case, and its algorithm header may be missing", async () => {
    const headers = { "x-webhook-hmac": sign("{}", key).toUpperCase() };
    expect(await authenticate(request("{}", headers), key)).toEqual({ kind: "authentic" });
  });

  it("is missing where WAHA has no key: unsigned, not forged", async () => {
    expect(await authenticate(request("{}", {}), key)).toEqual({ kind: "unsigned" });
    expect(await authenticate(request("{}", { "x-webhook-hmac": " " }), key)).toEqual({
      kind: "unsigned",
    });
  });

  it.each([
    ["another algorithm", { "x-webhook-hmac-algorithm": "sha256" }],
    ["a fork's version that signs the time too", { "x-webhook-hmac-version": "2" }],
    [
      "two signatures joined by a proxy",
      { "x-webhook-hmac": `${sign("{}", key)}, ${sign("{}", key)}` },
    ],
    ["a shorter digest", { "x-webhook-hmac": sign("{}", key).slice(0, 64) }],
    ["no hexadecimal", { "x-webhook-hmac": "z".repeat(128) }],
  ])("is refused for %s, with a reason", async (_what, headers) => {
    const outcome = await authenticate(
      request("{}", { "x-webhook-hmac": sign("{}", key), ...headers }),
      key,
    );
    expect(outcome).toMatchObject({ kind: "forged", reason: expect.stringMatching(/^.+$/) });
  });

  it("is never authentic under an empty secret", async () => {
    const headers = { "x-webhook-hmac": sign("{}", "") };
    expect(await authenticate(request("{}", headers), "")).toMatchObject({ kind: "forged" });
  });
});
