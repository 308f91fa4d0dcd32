import { providerOf } from "@recado/providers";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { reasonOf } from "../store/sqlite/sqlite-error.ts";
import { createOutbound } from "../outbound/index.ts";
import { detailSentence } from "./detail-sentences.ts";

/** A detail is told in Portuguese when none of its clauses stays as it was. */
function expectPortuguese(detail: string): void {
  const clauses = detail.split("; ");
  const told = detailSentence(detail, "pt").split("; ");
  expect(told.filter((clause, index) => clause === clauses[index])).toEqual([]);
}

describe("details in Portuguese", () => {
  it.each([
    "no address",
    "ftp://example.com/",
    "https://user:pass@example.com/",
    "https://example.com/#a",
    "https://example.com:22/",
    `https://${"a".repeat(64)}.example.com/`,
    `https://example.com/${"a".repeat(2_100)}`,
    `https://${"a.".repeat(130)}example.com/`,
    "https://example..com/",
    "https://example.com/\n",
    "http://localhost/",
    "http://metadata.google.internal/",
    "http://10.0.0.1/",
    "http://[fe80::1]/",
  ])("say what is wrong with the address %j", async (url) => {
    const outbound = createOutbound();
    const verdict = outbound.checkUrl(url, { allowPrivate: false });
    await outbound.close();
    expect(verdict.ok).toBe(false);
    if (!verdict.ok) expectPortuguese(verdict.reason);
  });

  it.each([8, 10, 11, 5, 7, 13, 14, 26])("say why nothing is stored (SQLite's %d)", (errcode) => {
    expectPortuguese(reasonOf(Object.assign(new Error("x"), { errcode })));
  });

  it("say why a signature is not believed", async () => {
    const bytes = Buffer.from("{}");
    const request = { bytes, body: {}, receivedAt: Date.now() };
    const signed = (claims: Record<string, unknown>, alg: string): Promise<string> =>
      new SignJWT(claims).setProtectedHeader({ alg }).sign(Buffer.alloc(64, 1));
    const ours = { app: "evolution", action: "webhook" };
    const evolution = await Promise.all([
      signed({}, "HS256"),
      signed(ours, "HS256"),
      signed({ ...ours, exp: 1 }, "HS256"),
      signed({ ...ours, exp: 1 }, "HS512"),
    ]);
    const headers = [
      ...[...evolution, "e30.e30.e30"].map((token) => ({ authorization: `Bearer ${token}` })),
      { "x-webhook-hmac": "zz" },
      { "x-webhook-hmac": "0".repeat(128) },
      { "x-webhook-hmac": "0".repeat(128), "x-webhook-hmac-algorithm": "md5" },
      { "x-webhook-hmac": "0".repeat(128), "x-webhook-hmac-version": "2" },
    ];
    const secret = Buffer.alloc(64, 1).toString();
    for (const given of headers) {
      const provider = providerOf("authorization" in given ? "evolution" : "waha");
      const outcome = await provider.authenticate({ ...request, headers: given }, secret);
      expect(outcome.kind).toBe("forged");
      if (outcome.kind === "forged") expectPortuguese(outcome.reason);
    }
  });
});
