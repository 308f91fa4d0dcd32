import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  adminKey,
  appendEvent,
  publicUrl,
  startApi,
  tenantWithKey,
  type ApiServer,
} from "../testing/api-server.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

describe("tenants", () => {
  it("are made with an id of ours or of the operator's, once", async () => {
    const made = await server.call("POST", "/tenants", { body: { name: "Padaria São João 🥖" } });
    expect([made.statusCode, made.json()]).toEqual([
      201,
      {
        id: expect.stringMatching(/^ten_/),
        name: "Padaria São João 🥖",
        active: true,
        ingestUrl: expect.stringMatching(new RegExp(`^${publicUrl}/in/[\\w-]{32}$`)),
        createdAt: expect.any(String),
      },
    ]);
    const own = { name: "Clínica", id: "7f2c4c1e-own.id_1" };
    expect((await server.call("POST", "/tenants", { body: own })).json().id).toBe(own.id);
    const again = await server.call("POST", "/tenants", { body: own });
    expect([again.statusCode, again.json().code]).toEqual([409, "name_taken"]);
    const found = await server.store.directory.ingestTarget(made.json().ingestUrl.split("/in/")[1]);
    expect(found).toMatchObject({ kind: "tenant", tenant: { id: made.json().id } });
  });

  it.each([
    [{ name: "" }, "name: must not be blank"],
    [{ name: " \t " }, "name: must not be blank"],
    [{ name: "a".repeat(201) }, "name: must have 1 to 200 characters"],
    [{ name: "👋".repeat(201) }, "name: must have 1 to 200 characters"],
    [{ name: "half \ud83d" }, "name: is not valid Unicode (half of a character)"],
    [{ name: 7 }, "name: Invalid input: expected string, received number"],
    [{}, "name: Invalid input: expected string, received undefined"],
    [{ name: "x", id: "a b" }, "id: "],
    [{ name: "x", id: "../x" }, "id: "],
    [{ name: "x", active: false }, "active: unknown field"],
  ])("%j is refused by its field", async (body, detail) => {
    const response = await server.call("POST", "/tenants", {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    expect([response.statusCode, response.json().code]).toEqual([400, "invalid_request"]);
    expect(response.json().details[0].startsWith(detail), response.json().details[0]).toBe(true);
  });

  it("keep their names in composed form, at any length that is allowed", async () => {
    const made = await server.call("POST", "/tenants", {
      body: { name: `${"👋".repeat(199)}e\u0301` },
    });
    expect([made.statusCode, made.json().name]).toEqual([201, `${"👋".repeat(199)}é`]);
  });

  it("have days and a size of their own when an operator says so, and everybody's again after null", async () => {
    const id = (await server.call("POST", "/tenants", { body: { name: "Loja" } })).json().id;
    const change = (body: object) => server.call("PATCH", `/tenants/${id}`, { body });
    const limits = { retentionDays: 7, maxMegabytes: 500 };
    expect((await change(limits)).json()).toMatchObject(limits);
    expect((await change({ name: "Loja 2" })).json()).toMatchObject(limits);
    const without = (await change({ retentionDays: null, maxMegabytes: null })).json();
    expect(Object.keys(without)).not.toContain("retentionDays");
    expect(Object.keys(without)).not.toContain("maxMegabytes");
    for (const body of [{ retentionDays: 0 }, { maxMegabytes: 0.5 }, { retentionDays: "7" }])
      expect((await change(body)).statusCode).toBe(400);
    const key = await tenantWithKey(server, "limited");
    const own = await server.call("PATCH", "/tenants/limited", { as: key, body: limits });
    expect(own.statusCode).toBe(403);
  });

  it("the default one cannot be deleted", async () => {
    const response = await server.call("DELETE", "/tenants/default");
    expect([response.statusCode, response.json().code]).toEqual([409, "tenant_in_use"]);
  });

  it("a deleted one is gone with its things, and its endpoints are told to stop", async () => {
    const key = await tenantWithKey(server, "leaving");
    await server.call("POST", "/instances", { as: key, body: { name: "loja", provider: "waha" } });
    const event = await appendEvent(server, { tenantId: "leaving" });
    server.woken.length = 0;
    expect((await server.call("DELETE", "/tenants/leaving")).statusCode).toBe(204);
    expect(server.woken).toEqual([undefined]);
    expect((await server.call("GET", "/tenants/leaving")).statusCode).toBe(404);
    expect((await server.call("DELETE", "/tenants/leaving")).statusCode).toBe(404);
    await tenantWithKey(server, "leaving");
    const headers = { "x-tenant-id": "leaving" };
    expect((await server.call("GET", `/events/${event.id}`, { headers })).statusCode).toBe(404);
    expect((await server.call("GET", "/instances", { headers })).json()).toEqual({ data: [] });
  });

  it("lists have pages that meet, whatever is deleted in between", async () => {
    const seen: string[] = [];
    let query = "?limit=2";
    for (;;) {
      const page = (await server.call("GET", `/tenants${query}`)).json();
      seen.push(...page.data.map(({ id }: { id: string }) => id));
      if (page.nextCursor === undefined) break;
      query = `?limit=2&after=${page.nextCursor}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen[0]).toBe("default");
    const whole = (await server.call("GET", "/tenants"))
      .json()
      .data.map(({ id }: { id: string }) => id);
    expect(seen).toEqual(whole);
  });
});

describe("keys", () => {
  it("are shown once, and then by their beginning", async () => {
    const made = await server.call("POST", "/tenants/default/keys", { body: { name: "n8n" } });
    const { key, ...rest } = made.json();
    expect([made.statusCode, key]).toEqual([201, expect.stringMatching(/^rk_[\w-]{43}$/)]);
    expect(rest).toMatchObject({
      tenantId: "default",
      name: "n8n",
      prefix: key.slice(0, 9),
      scopes: ["read", "write"],
    });
    const list = await server.call("GET", "/tenants/default/keys");
    expect(list.json().data).toEqual([rest]);
    expect(list.body).not.toContain(key);
    expect((await server.call("GET", "/instances", { as: key })).statusCode).toBe(200);
    expect(
      (await server.call("GET", "/instances", { as: null, headers: { apikey: key } })).statusCode,
    ).toBe(200);
  });

  it("of a tenant that does not exist are not found, nor is a key of another tenant", async () => {
    await tenantWithKey(server, "one");
    const made = await server.call("POST", "/tenants/default/keys", { body: { name: "mine" } });
    expect(
      (await server.call("POST", "/tenants/nobody/keys", { body: { name: "x" } })).statusCode,
    ).toBe(404);
    expect((await server.call("GET", "/tenants/nobody/keys")).statusCode).toBe(404);
    expect((await server.call("DELETE", `/tenants/one/keys/${made.json().id}`)).statusCode).toBe(
      404,
    );
    expect(
      (await server.call("DELETE", `/tenants/default/keys/${made.json().id}`)).statusCode,
    ).toBe(204);
  });

  it("that only read do not write, and those that only write do not read", async () => {
    const reading = await tenantWithKey(server, "scoped", ["read"]);
    const writing = await tenantWithKey(server, "scoped", ["write"]);
    const body = { name: "x", provider: "waha" };
    expect((await server.call("GET", "/instances", { as: reading })).statusCode).toBe(200);
    expect((await server.call("POST", "/instances", { as: reading, body })).statusCode).toBe(403);
    expect((await server.call("GET", "/instances", { as: writing })).statusCode).toBe(403);
    expect((await server.call("POST", "/instances", { as: writing, body })).statusCode).toBe(201);
  });

  it.each([
    [{ name: "x", scopes: ["admin"] }, "scopes[0]: "],
    [{ name: "x", scopes: [] }, "scopes: "],
    [{ name: "x", expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt: must be in the future"],
    [{ name: "x", expiresAt: "soon" }, "expiresAt: must be an ISO-8601 time"],
  ])("%j is refused", async (body, detail) => {
    const response = await server.call("POST", "/tenants/default/keys", { body });
    expect(response.statusCode).toBe(400);
    expect(response.json().details[0].startsWith(detail), response.json().details[0]).toBe(true);
  });
});

describe("tokens", () => {
  interface Issued {
    readonly status: number;
    readonly token: string;
    readonly expiresAt: string;
    readonly details: readonly string[];
  }

  async function issue(body: object, as = adminKey): Promise<Issued> {
    const response = await server.call("POST", "/tokens", { as, body });
    return { ...response.json<Issued>(), status: response.statusCode };
  }

  it("read only unless asked otherwise, and live as long as configured", async () => {
    const { token, expiresAt, status } = await issue({});
    expect([
      status,
      Math.round((Date.parse(expiresAt) - server.options.clock.now()) / 1_000),
    ]).toEqual([201, expect.closeTo(3_600, -1)]);
    expect(await server.access.authenticate(token)).toMatchObject({
      role: "USER",
      tenantId: "default",
      scopes: ["read"],
    });
    expect((await server.call("GET", "/instances", { as: token })).statusCode).toBe(200);
    expect((await server.call("POST", "/tokens", { as: token, body: {} })).statusCode).toBe(403);
  });

  it("write when asked to, but are never an operator's", async () => {
    const { token } = await issue({ scopes: ["read", "write"], userId: "maria", ttlSeconds: 60 });
    expect(await server.access.authenticate(token)).toMatchObject({
      role: "TENANT_ADMIN",
      userId: "maria",
    });
    expect((await server.call("GET", "/tenants", { as: token })).statusCode).toBe(403);
  });

  it("an operator signs them for any tenant, others for their own", async () => {
    const key = await tenantWithKey(server, "signed");
    const named = await issue({ tenantId: "signed" });
    expect(await server.access.authenticate(named.token)).toMatchObject({ tenantId: "signed" });
    expect((await issue({ tenantId: "signed" }, key)).status).toBe(201);
    expect((await issue({ tenantId: "default" }, key)).status).toBe(403);
    expect(await issue({ tenantId: "nobody" })).toMatchObject({
      status: 400,
      details: ['tenantId: there is no tenant "nobody"'],
    });
  });

  it("never do more, see more or live longer than what signed them", async () => {
    const writing = await tenantWithKey(server, "narrow", ["write"]);
    expect(await issue({ scopes: ["read"] }, writing)).toMatchObject({
      status: 400,
      details: ["scopes: must not exceed what your own credential may do"],
    });
    const short = await issue({ ttlSeconds: 100, scopes: ["read", "write"] });
    const longer = await issue({ ttlSeconds: 86_400, scopes: ["write"] }, short.token);
    expect(Date.parse(longer.expiresAt)).toBeLessThanOrEqual(Date.parse(short.expiresAt));
  });

  it.each([
    { ttlSeconds: 0 },
    { ttlSeconds: 2_592_001 },
    { ttlSeconds: 1.5 },
    { ttlSeconds: "60" },
    { role: "SUPERADMIN" },
    { instances: ["nobody"] },
    { instances: [] },
  ])("%j is refused", async (body) => {
    expect((await issue(body)).status).toBe(400);
  });
});
