import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi, type ApiServer } from "./testing/api-server.ts";
import { furnish, routeCases, snapshot, type Furnished } from "./testing/route-cases.ts";

let server: ApiServer;
let ours: Furnished;
let theirs: Furnished;
let userToken: string;

beforeAll(async () => {
  server = await startApi();
  ours = await furnish(server, "acme");
  theirs = await furnish(server, "rival");
  userToken = (await server.access.issueToken({ tenantId: "acme", role: "USER", ttlSeconds: 600 }))
    .token;
});
afterAll(() => server.close());

const cases = Object.entries(routeCases).map(([route, rest]) => ({
  route,
  method: route.split(" ")[0] ?? "",
  ...rest,
}));
const guarded = cases.filter(({ reach }) => reach !== "public");
const byId = cases.filter(({ reach }) => reach === "id");

/** Everything that names one of the other tenant's things. */
function mentions(text: string, other: Furnished): readonly string[] {
  const names = [
    other.key,
    other.keyId,
    other.serverId,
    other.instanceId,
    other.endpointId,
    other.eventId,
    other.deliveryId,
  ];
  return names.filter((name) => text.includes(name));
}

describe("every route of the API", () => {
  it("has a case here, and every case a route", () => {
    const served = server.routes
      .filter(
        ({ method, url }) => url.startsWith("/api/v1/") && !["HEAD", "OPTIONS"].includes(method),
      )
      .map(({ method, url }) => `${method} ${url.slice("/api/v1".length)}`)
      .filter((route) => route !== "GET /openapi.json");
    expect(served.toSorted()).toEqual(Object.keys(routeCases).toSorted());
  });

  it.each(guarded)(
    "$route without a credential is refused before anything is read",
    async ({ method, right }) => {
      const { path } = right(ours);
      const response = await server.call(method, path, {
        as: null,
        body: "{ not json",
        headers: { "content-type": "application/json" },
      });
      expect([response.statusCode, response.json().code]).toEqual([401, "token_missing"]);
    },
  );

  it.each(guarded)(
    "$route with a credential that is none is refused",
    async ({ method, right }) => {
      const { path, body } = right(ours);
      for (const as of ["rk_nobody", "a.b.c", "default", `${ours.key} `.repeat(2)]) {
        const response = await server.call(method, path, { as, ...(body ? { body } : {}) });
        expect(response.statusCode).toBe(401);
      }
    },
  );

  it.each(guarded.filter(({ method }) => method !== "GET"))(
    "$route is not for a USER",
    async ({ method, right }) => {
      const before = await snapshot(server, ours);
      const response = await server.call(method, right(ours).path, {
        as: userToken,
        body: right(ours).body ?? {},
      });
      expect([response.statusCode, response.json().code]).toEqual([403, "forbidden"]);
      expect(await snapshot(server, ours)).toEqual(before);
    },
  );

  it.each(guarded.filter(({ method, reach }) => method === "GET" && reach !== "operator"))(
    "$route may be read by a USER",
    async ({ method, right }) => {
      expect((await server.call(method, right(ours).path, { as: userToken })).statusCode).toBe(200);
    },
  );

  it.each(cases.filter(({ reach }) => reach === "operator"))(
    "$route is for operators only, in one's own tenant too",
    async ({ method, right }) => {
      for (const tenant of [ours, theirs]) {
        const response = await server.call(method, right(tenant).path, {
          as: ours.key,
          body: right(tenant).body ?? {},
        });
        expect([response.statusCode, response.json().code]).toEqual([403, "forbidden"]);
      }
    },
  );

  it.each(guarded)(
    "$route for another tenant's X-Tenant-Id is refused, not answered for one's own",
    async ({ method, right }) => {
      const headers = { "x-tenant-id": theirs.tenantId };
      const response = await server.call(method, right(theirs).path, {
        as: ours.key,
        headers,
        body: right(theirs).body ?? {},
      });
      expect([response.statusCode, response.json().code]).toEqual([403, "forbidden"]);
    },
  );
});

describe("another tenant", () => {
  it.each(byId)(
    "$route answers as if it did not exist, and changes nothing",
    async ({ route, method, right }) => {
      const before = await snapshot(server, theirs);
      const { path, body } = right(theirs);
      const foreign = await server.call(method, path, { as: ours.key, ...(body ? { body } : {}) });
      const missing = await server.call(method, path.replace(/^(\/\w+\/)[^/]+/, "$1missing"), {
        as: ours.key,
        ...(body ? { body } : {}),
      });
      expect(foreign.statusCode, route).toBe(404);
      expect(foreign.body).toBe(missing.body);
      expect(await snapshot(server, theirs)).toEqual(before);
    },
  );

  it.each(cases.filter(({ reach }) => reach === "list"))(
    "$route shows nothing of it",
    async ({ method, right }) => {
      const response = await server.call(method, right(ours).path, { as: ours.key });
      expect(response.statusCode).toBe(200);
      expect(mentions(response.body, theirs)).toEqual([]);
      expect(mentions(response.body, ours)).not.toEqual([]);
    },
  );

  it.each(cases.filter(({ reach }) => reach === "create"))(
    "$route cannot name anything of it",
    async ({ method, right, naming }) => {
      const before = await snapshot(server, theirs);
      for (const body of naming?.(theirs) ?? []) {
        const response = await server.call(method, right(ours).path, { as: ours.key, body });
        expect([400, 403]).toContain(response.statusCode);
        const namesNothing = mentions(
          response.body.replaceAll(
            JSON.stringify(Object.values(body).flat().at(-1)).slice(1, -1),
            "",
          ),
          theirs,
        );
        expect(namesNothing).toEqual([]);
      }
      expect(await snapshot(server, theirs)).toEqual(before);
    },
  );

  it("is the operator's to act for by X-Tenant-Id, and one that does not exist is refused", async () => {
    const named = await server.call("GET", "/instances", {
      headers: { "x-tenant-id": theirs.tenantId },
    });
    expect(named.json().data[0].id).toBe(theirs.instanceId);
    const unknown = await server.call("GET", "/instances", {
      headers: { "x-tenant-id": "nobody" },
    });
    expect([unknown.statusCode, unknown.json().code]).toEqual([401, "tenant_inactive"]);
  });

  it("may be named by its own key", async () => {
    const response = await server.call("GET", "/instances", {
      as: ours.key,
      headers: { "x-tenant-id": ours.tenantId },
    });
    expect(response.statusCode).toBe(200);
  });
});
