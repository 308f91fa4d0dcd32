import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendEvent, startApi, tenantWithKey, type ApiServer } from "./testing/api-server.ts";
import { furnish, type Furnished } from "./testing/route-cases.ts";

/** A token that is limited to one of a tenant's instances: the rest of the tenant is another tenant to it. */
let server: ApiServer;
let tenant: Furnished;
let token: string;
let own: string;
let ownEndpoint: string;
let ownEvent: string;

beforeAll(async () => {
  server = await startApi();
  tenant = await furnish(server, "acme");
  const key = await tenantWithKey(server, "acme");
  own = (
    await server.call("POST", "/instances", {
      as: key,
      body: { name: "minha", provider: "evolution" },
    })
  ).json().id;
  const issued = await server.call("POST", "/tokens", {
    as: key,
    body: { instances: ["minha"], scopes: ["read", "write"], ttlSeconds: 600 },
  });
  token = issued.json().token;
  ownEndpoint = (
    await server.call("POST", "/endpoints", {
      as: token,
      body: { url: "https://hooks.example.com/own", instances: ["minha"] },
    })
  ).json().id;
  await server.call("POST", "/endpoints", {
    as: key,
    body: { url: "https://hooks.example.com/all" },
  });
  ownEvent = (await appendEvent(server, { tenantId: "acme", instanceId: own })).id;
  await appendEvent(server, { tenantId: "acme" });
});
afterAll(() => server.close());

async function ids(path: string): Promise<readonly string[]> {
  const response = await server.call("GET", path, { as: token });
  expect(response.statusCode).toBe(200);
  return response.json().data.map(({ id }: { id: string }) => id);
}

describe("a credential for some instances", () => {
  it("lists only what is theirs", async () => {
    expect(await ids("/instances")).toEqual([own]);
    expect(await ids("/endpoints")).toEqual([ownEndpoint]);
    expect(await ids("/events")).toEqual([ownEvent]);
    expect(await ids("/servers")).toEqual([]);
    expect(await ids("/deliveries")).toEqual([]);
  });

  it("cannot ask its way to the others", async () => {
    expect(await ids(`/events?instance=${tenant.instanceId}`)).toEqual([]);
    expect(await ids("/events?type=message.received")).toEqual([ownEvent]);
    expect(await ids(`/deliveries?endpoint=${tenant.endpointId}`)).toEqual([]);
    for (const path of [
      `/instances/${tenant.instanceId}`,
      `/endpoints/${tenant.endpointId}`,
      `/events/${tenant.eventId}`,
      `/servers/${tenant.serverId}`,
      `/deliveries/${tenant.deliveryId}/attempts`,
    ]) {
      expect([path, (await server.call("GET", path, { as: token })).statusCode]).toEqual([
        path,
        404,
      ]);
    }
  });

  it("pages through several instances in the order of the log", async () => {
    const both = (
      await server.call("POST", "/tokens", {
        as: tenant.key,
        body: { instances: ["minha", tenant.instanceId], ttlSeconds: 600 },
      })
    ).json().token;
    for (let n = 0; n < 3; n++)
      for (const instanceId of [own, tenant.instanceId])
        await appendEvent(server, { tenantId: "acme", instanceId });
    const offsets: number[] = [];
    let query = "?limit=3";
    for (;;) {
      const page = (await server.call("GET", `/events${query}`, { as: both })).json();
      offsets.push(...page.data.map(({ offset }: { offset: number }) => offset));
      if (page.nextCursor === undefined) break;
      query = `?limit=3&after=${page.nextCursor}`;
    }
    expect(offsets).toEqual(offsets.toSorted((a, b) => b - a));
    expect(offsets).toHaveLength(8);
    const after = server.options.cursorOf("acme", offsets[4] ?? 0);
    const later = (await server.call("GET", `/events?limit=2&after=${after}`, { as: both })).json();
    expect(later.data.map(({ offset }: { offset: number }) => offset)).toEqual([
      offsets[3],
      offsets[2],
    ]);
  });

  it("counts only what is theirs", async () => {
    const stats = (await server.call("GET", "/stats", { as: token })).json();
    expect(stats.instances.map(({ id }: { id: string }) => id)).toEqual([own]);
    expect(stats.instances).toEqual([expect.objectContaining({ coalesced: 2, shed: 1 })]);
    expect([stats.events, stats.duplicates, stats.process]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(stats.deliveries).toEqual({ pending: 0, succeeded: 0, failed: 0, cancelled: 0 });
    const whole = (await server.call("GET", "/stats", { as: tenant.key })).json();
    expect(whole.deliveries.pending).toBe(1);
    expect(whole.events.stored).toBe(whole.events.head);
    expect(whole.process).toBeUndefined();
    expect((await server.call("GET", "/stats")).json().process).toEqual({ connectedClients: 0 });
  });

  it.each<[string, string, object]>([
    ["POST", "/instances", { name: "nova", provider: "waha" }],
    ["POST", "/servers", { provider: "waha", baseUrl: "https://waha.example.com", apiKey: "k" }],
    ["POST", "/endpoints", { url: "https://hooks.example.com/" }],
    ["POST", "/tokens", { instances: ["loja acme/☕"] }],
    ["POST", "/endpoints", { url: "https://hooks.example.com/", instances: ["loja acme/☕"] }],
  ])("cannot reach further: %s %s %j", async (method, path, body) => {
    expect([400, 403]).toContain((await server.call(method, path, { as: token, body })).statusCode);
  });

  it("cannot open an endpoint of its own to the whole tenant", async () => {
    const response = await server.call("PATCH", `/endpoints/${ownEndpoint}`, {
      as: token,
      body: { instances: null },
    });
    expect(response.statusCode).toBe(403);
  });

  it("signs tokens that are limited as it is", async () => {
    const narrower = (await server.call("POST", "/tokens", { as: token, body: {} })).json().token;
    expect(await server.access.authenticate(narrower)).toMatchObject({
      instances: [own],
      scopes: ["read"],
    });
  });
});
