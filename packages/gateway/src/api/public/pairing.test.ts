import { startFakeWaha, type FakeWaha } from "@recado/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi, type ApiServer } from "../testing/api-server.ts";

let server: ApiServer;
let waha: FakeWaha;
let count = 0;
beforeAll(async () => {
  server = await startApi();
  const names = Array.from({ length: 9 }, (_, at) => `loja ${at + 1}`);
  waha = await startFakeWaha({ apiKey: "key", sessions: names.map((name) => ({ name })) });
  const body = { name: "servidor secreto", provider: "waha", baseUrl: waha.url, apiKey: "key" };
  const { id: serverId } = (await server.call("POST", "/servers", { body })).json();
  for (const name of names)
    await server.call("POST", "/instances", { body: { name, provider: "waha", serverId } });
});
afterAll(async () => {
  await server.close();
  await waha.close();
});

interface Link {
  readonly path: string;
  readonly name: string;
  readonly id: string;
}

async function link(body: object = {}): Promise<Link> {
  count += 1;
  const name = `loja ${count}`;
  const path = `/instances/${encodeURIComponent(name)}/pairing-links`;
  const made = (await server.call("POST", path, { body })).json();
  return { path: new URL(made.apiUrl).pathname, name, id: made.id };
}

describe("a pairing link's address", () => {
  it("shows the code and the name, and nothing else", async () => {
    const { path, name } = await link({ language: "pt" });
    const response = await server.call("GET", path, { as: null });
    expect([response.statusCode, response.json()]).toEqual([
      200,
      {
        stage: "code",
        version: expect.any(String),
        image: expect.stringMatching(/^data:image\/png;base64,/),
        attempt: 1,
        attemptsLeft: 5,
        secondsLeft: expect.any(Number),
        explanation: "Leia o código com o celular do número.",
        name,
        visitor: expect.stringMatching(/^[\w-]{22}$/),
        language: "pt",
        linkExpiresAt: expect.any(String),
      },
    ]);
  });

  it("is for no cache, no search engine, no other page and no other server", async () => {
    const { path } = await link();
    const origin = { origin: "https://elsewhere.example" };
    const fine = await server.call("GET", path, { as: null, headers: origin });
    const refused = await server.call("GET", path, { as: null, headers: origin });
    const unknown = await server.call("GET", "/api/public/pairing/x", {
      as: null,
      headers: origin,
    });
    expect([fine, refused, unknown].map(({ statusCode }) => statusCode)).toEqual([200, 409, 404]);
    for (const { headers } of [fine, refused, unknown]) {
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex",
      });
      expect(headers).not.toHaveProperty("access-control-allow-origin");
      expect(headers).not.toHaveProperty("set-cookie");
    }
    const preflight = await server.call("OPTIONS", path, {
      as: null,
      headers: { ...origin, "access-control-request-method": "POST" },
    });
    expect(preflight.statusCode).toBe(404);
  });

  it("goes on for its visitor alone, waits for what is newer, and gives a code to type", async () => {
    const { path, name } = await link();
    const first = (await server.call("GET", path, { as: null })).json();
    const headers = { "x-pairing-visitor": first.visitor };
    const typed = await server.call("POST", `${path}/code`, {
      as: null,
      headers,
      body: { phone: "55 11 90000-0102" },
    });
    expect(typed.json()).toMatchObject({ stage: "code", name });
    expect(typed.json().pairingCode).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    const next = await server.call("GET", `${path}?after=${first.version}`, { as: null, headers });
    expect(next.json().version).toBe(typed.json().version);
    const wrong = await server.call("POST", `${path}/code`, {
      as: null,
      headers,
      body: { phone: "x" },
    });
    expect(wrong.statusCode).toBe(400);
    expect((await server.call("POST", `${path}/renew`, { as: null, headers })).statusCode).toBe(
      200,
    );
  });

  it("that never was, was revoked or is over answers the same, on every route", async () => {
    const [revoked, over] = [await link(), await link({ ttlSeconds: 60 })];
    const list = `/instances/${encodeURIComponent(revoked.name)}/pairing-links/${revoked.id}`;
    await server.call("DELETE", list);
    server.skewMs = 61_000;
    const bodies = new Set<string>();
    for (const path of [revoked.path, over.path, `/api/public/pairing/${"A".repeat(43)}`]) {
      for (const [method, end, body] of [
        ["GET", "", undefined],
        ["POST", "/renew", undefined],
        ["POST", "/code", { phone: "5511900000102" }],
      ] as const) {
        const response = await server.call(method, path + end, { as: null, body });
        expect(response.statusCode).toBe(404);
        bodies.add(response.body);
      }
    }
    server.skewMs = 0;
    expect(bodies.size).toBe(1);
  });

  it("stands in no log, also when something fails behind it", async () => {
    const { path } = await link();
    await waha.trouble.stop();
    const seen = await server.call("GET", path, { as: null });
    expect(seen.json()).toMatchObject({ stage: "idle", reason: "provider_unreachable" });
    const headers = { "x-pairing-visitor": seen.json().visitor };
    const failed = await server.call("POST", `${path}/renew`, { as: null, headers });
    expect([failed.statusCode, failed.json().code]).toEqual([502, "provider_unreachable"]);
    expect(failed.json()).not.toHaveProperty("details");
    await waha.trouble.start();
    const token = path.split("/").at(-1) ?? "";
    expect(server.logged.length).toBeGreaterThan(0);
    expect(server.logged.join("\n")).not.toContain(token);
    expect(failed.body + seen.body).not.toMatch(/servidor secreto|127\.0\.0\.1|tenant/);
  });
});
