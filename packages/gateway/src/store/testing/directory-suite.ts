import { beforeEach, describe, expect, test } from "vitest";
import type { ApiKey, Directory, Page } from "../contract/index.ts";
import {
  dayOne,
  newEndpoint,
  newInstance,
  newServer,
  newTenant,
  tenantA,
  tenantB,
} from "./new-records.ts";
import { useStore, type NewPlace, type StoreInUse } from "./store-place.ts";

const firstPage: Page = { limit: 100 };

function newKey(name: string, changes: Partial<ApiKey> = {}): ApiKey {
  const own = {
    id: `key_${name}`,
    tenantId: tenantA.tenantId,
    name,
    hash: `hash-${name}`,
    prefix: "rk_ab",
  };
  return { ...own, scopes: ["events:read"], createdAt: dayOne, ...changes };
}

function describeTenants(use: StoreInUse): void {
  test("a tenant is read as it was written, changed, and listed in order of creation", async () => {
    const { directory } = use.store;
    await directory.createTenant(newTenant("ten_c", { createdAt: dayOne - 5 }));
    expect((await directory.tenants(firstPage)).map((tenant) => tenant.id)).toEqual([
      "ten_c",
      "ten_a",
      "ten_b",
    ]);
    expect(await directory.updateTenant("ten_c", { active: false })).toEqual(
      newTenant("ten_c", { createdAt: dayOne - 5, active: false }),
    );
    expect(await directory.updateTenant("ten_9", { name: "x" })).toBeUndefined();
    expect(await directory.tenant("ten_c")).toMatchObject({ active: false, name: "ten_c" });
    expect(await directory.tenant("ten_9")).toBeUndefined();
  });

  test("the same id a second time is a clash", async () => {
    await expect(use.store.directory.createTenant(newTenant("ten_a"))).rejects.toMatchObject({
      code: "name_taken",
    });
  });

  test("deleting a tenant takes everything it has and nothing of another", async () => {
    const { directory } = use.store;
    for (const [scope, mark] of [
      [tenantA, "a"],
      [tenantB, "b"],
    ] as const) {
      await directory.createKey(scope, newKey(mark));
      await directory.createServer(scope, newServer(mark));
      await directory.createInstance(scope, newInstance(mark));
      await directory.createEndpoint(scope, newEndpoint(`ep_${mark}`));
    }
    expect(await directory.deleteTenant("ten_a")).toBe(true);
    expect(await directory.deleteTenant("ten_a")).toBe(false);
    const everything = (scope: typeof tenantA) =>
      Promise.all([
        directory.keys(scope, firstPage),
        directory.servers(scope, firstPage),
        directory.instances(scope, firstPage),
        directory.endpoints(scope, firstPage),
      ]);
    expect((await everything(tenantA)).flat()).toEqual([]);
    expect((await everything(tenantB)).flat()).toHaveLength(4);
    expect(await directory.keyByHash("hash-a")).toBeUndefined();
    for (const token of ["tok_ten_a", "tok_srv_a", "tok_ins_a"]) {
      expect(await directory.ingestTarget(token)).toBeUndefined();
    }
    expect(await directory.instancesNamedAnywhere("a")).toEqual([]);
    expect(await directory.instancesNamedAnywhere("b")).toHaveLength(1);
  });

  test("nothing can be made for a tenant that is not there", async () => {
    const gone = use.store.directory.createInstance({ tenantId: "ten_9" }, newInstance("x"));
    await expect(gone).rejects.toMatchObject({ code: "not_found" });
  });
}

function describeKeys(use: StoreInUse): void {
  test("a key is found by its hash, whosever it is, and is gone once deleted", async () => {
    const { directory } = use.store;
    const key = newKey("n8n", { expiresAt: dayOne + 1 });
    await directory.createKey(tenantA, key);
    expect(await directory.keyByHash("hash-n8n")).toEqual(key);
    expect(await directory.keyByHash("hash-N8N")).toBeUndefined();
    expect(await directory.keys(tenantB, firstPage)).toEqual([]);
    expect(await directory.deleteKey(tenantB, key.id)).toBe(false);
    expect(await directory.deleteKey(tenantA, key.id)).toBe(true);
    expect(await directory.keyByHash("hash-n8n")).toBeUndefined();
  });
}

function describeServersAndEndpoints(use: StoreInUse): void {
  test("a server is read as it was written, changed in part, deleted, and its tenant's alone", async () => {
    const { directory } = use.store;
    const server = newServer("main");
    await directory.createServer(tenantA, server);
    expect(await directory.server(tenantA, server.id)).toEqual(server);
    expect(await directory.server(tenantB, server.id)).toBeUndefined();
    expect(await directory.updateServer(tenantB, server.id, { name: "stolen" })).toBeUndefined();
    expect(await directory.deleteServer(tenantB, server.id)).toBe(false);
    const changed = { ...server, baseUrl: "http://other:1", ingestToken: "tok_new" };
    expect(
      await directory.updateServer(tenantA, server.id, {
        baseUrl: "http://other:1",
        ingestToken: "tok_new",
      }),
    ).toEqual(changed);
    expect(await directory.ingestTarget("tok_srv_main")).toBeUndefined();
    expect(await directory.ingestTarget("tok_new")).toMatchObject({
      kind: "server",
      server: changed,
    });
    expect(await directory.deleteServer(tenantA, server.id)).toBe(true);
    expect(await directory.servers(tenantA, firstPage)).toEqual([]);
  });

  test("an endpoint is read as it was written, changed in part, deleted, and its tenant's alone", async () => {
    const { directory } = use.store;
    const endpoint = newEndpoint("ep_1", {
      types: ["message.received"],
      instances: ["ins_1"],
      description: "nota 👍",
      headers: { "x-key": "v" },
      secrets: [{ value: "new" }, { value: "old", expiresAt: dayOne }],
    });
    await directory.createEndpoint(tenantA, endpoint);
    expect(await directory.endpoint(tenantA, "ep_1")).toEqual(endpoint);
    expect(await directory.endpoint(tenantB, "ep_1")).toBeUndefined();
    expect(await directory.updateEndpoint(tenantB, "ep_1", { enabled: false })).toBeUndefined();
    expect(await directory.deleteEndpoint(tenantB, "ep_1")).toBe(false);
    const changed = await directory.updateEndpoint(tenantA, "ep_1", {
      enabled: false,
      headers: {},
    });
    expect(changed).toEqual({ ...endpoint, enabled: false, headers: {} });
    const { directory: again } = await use.reopen();
    expect(await again.endpoint(tenantA, "ep_1")).toEqual(changed);
    expect(await use.store.directory.endpoints(tenantB, firstPage)).toEqual([]);
    expect(await use.store.directory.deleteEndpoint(tenantA, "ep_1")).toBe(true);
    expect(await use.store.directory.endpoint(tenantA, "ep_1")).toBeUndefined();
  });
}

function describeInstances(use: StoreInUse): void {
  test("an instance is found by id, name and the provider's name, by its tenant alone", async () => {
    const { directory } = use.store;
    const instance = newInstance("loja", { providerName: "Loja/São Paulo", serverId: "srv_1" });
    await directory.createInstance(tenantA, instance);
    expect(await directory.instance(tenantA, instance.id)).toEqual(instance);
    expect(await directory.instanceByName(tenantA, "loja")).toEqual(instance);
    expect(await directory.instancesByProviderName(tenantA, "Loja/São Paulo")).toEqual([instance]);
    expect(await directory.instance(tenantB, instance.id)).toBeUndefined();
    expect(await directory.instanceByName(tenantB, "loja")).toBeUndefined();
    expect(await directory.instancesByProviderName(tenantB, "Loja/São Paulo")).toEqual([]);
    expect(
      await directory.updateInstance(tenantB, instance.id, { name: "stolen" }),
    ).toBeUndefined();
    expect(await directory.deleteInstance(tenantB, instance.id)).toBe(false);
    expect(await directory.instancesNamedAnywhere("Loja/São Paulo")).toEqual([instance]);
  });

  test("an instance is found by the provider's name in either form of the same letters, and keeps its own", async () => {
    const { directory } = use.store;
    const providerName = "Loja/São Paulo".normalize("NFD");
    const instance = newInstance("loja", { providerName });
    await directory.createInstance(tenantA, instance);
    for (const name of [providerName, providerName.normalize("NFC")]) {
      expect(await directory.instancesByProviderName(tenantA, name)).toEqual([instance]);
      expect(await directory.instancesNamedAnywhere(name)).toEqual([instance]);
    }
  });

  test("a name is taken once per tenant, at creation, at a change and at the same moment", async () => {
    const { directory } = use.store;
    const make = (id: string, scope = tenantA) =>
      directory.createInstance(scope, newInstance("loja", { id, tenantId: scope.tenantId }));
    const results = await Promise.allSettled([
      make("ins_1"),
      make("ins_2"),
      make("ins_3", tenantB),
    ]);
    expect(results).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { code: "name_taken" } },
      { status: "fulfilled" },
    ]);
    await directory.createInstance(tenantA, newInstance("other"));
    await expect(
      directory.updateInstance(tenantA, "ins_other", { name: "loja" }),
    ).rejects.toMatchObject({
      code: "name_taken",
    });
    expect(await directory.instance(tenantA, "ins_other")).toMatchObject({ name: "other" });
  });

  test("a secret is set, kept by other changes, and removed by null", async () => {
    const { directory } = use.store;
    await directory.createInstance(tenantA, newInstance("x"));
    await directory.updateInstance(tenantA, "ins_x", { webhookSecret: "sealed" });
    expect(
      await directory.updateInstance(tenantA, "ins_x", { serverUrl: "http://evo" }),
    ).toMatchObject({
      webhookSecret: "sealed",
      serverUrl: "http://evo",
    });
    const without = await directory.updateInstance(tenantA, "ins_x", { webhookSecret: null });
    expect(without).toEqual(newInstance("x", { serverUrl: "http://evo" }));
    expect(await directory.instance(tenantA, "ins_x")).toEqual(without);
  });

  test("NUL, emoji and half an emoji in a name: found by the same text, never stored as invalid text", async () => {
    const { directory } = use.store;
    const name = "a\u0000b 👍 \ud83d";
    await directory.createInstance(tenantA, newInstance("odd", { name, providerName: name }));
    const found = await directory.instanceByName(tenantA, name);
    expect(found?.name).toBe("a\u0000b 👍 \ufffd");
    expect(await directory.instancesNamedAnywhere(name)).toEqual([found]);
    expect(await directory.instanceByName(tenantA, "a")).toBeUndefined();
  });
}

function describeTokens(use: StoreInUse): void {
  test("a token says whose it is: a tenant's, a server's or an instance's", async () => {
    const { directory } = use.store;
    const tenant = newTenant("ten_a");
    await directory.createServer(tenantA, newServer("main"));
    await directory.createInstance(tenantA, newInstance("loja"));
    expect(await directory.ingestTarget("tok_ten_a")).toEqual({ kind: "tenant", tenant });
    expect(await directory.ingestTarget("tok_srv_main")).toEqual({
      kind: "server",
      tenant,
      server: newServer("main"),
    });
    expect(await directory.ingestTarget("tok_ins_loja")).toEqual({
      kind: "instance",
      tenant,
      instance: newInstance("loja"),
    });
    expect(await directory.ingestTarget("tok_nobody")).toBeUndefined();
    expect(await directory.ingestTarget("")).toBeUndefined();
  });
}

async function idsInPages(
  list: (page: Page) => Promise<readonly { readonly id: string }[]>,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let page = await list({ limit: 3 }); page.length > 0;) {
    ids.push(...page.map((item) => item.id));
    page = await list({ limit: 3, afterId: ids.at(-1) ?? "" });
  }
  return ids;
}

function describePages(use: StoreInUse): void {
  test("pages join in order of creation, then id, without a gap", async () => {
    const { directory } = use.store;
    const ids = ["ep_5", "ep_1", "ep_4", "ep_2", "ep_3", "ep_7", "ep_6"];
    for (const [n, id] of ids.entries()) {
      await directory.createEndpoint(
        tenantA,
        newEndpoint(id, { createdAt: dayOne + Math.floor(n / 2) }),
      );
    }
    const expected = ["ep_1", "ep_5", "ep_2", "ep_4", "ep_3", "ep_7", "ep_6"];
    expect(await idsInPages((page) => directory.endpoints(tenantA, page))).toEqual(expected);
    expect(await idsInPages((page) => directory.endpoints(tenantB, page))).toEqual([]);
  });

  test("a page goes on after an item that was deleted meanwhile", async () => {
    const { directory } = use.store;
    for (const n of [1, 2, 3, 4]) {
      await directory.createEndpoint(tenantA, newEndpoint(`ep_${n}`, { createdAt: dayOne + n }));
    }
    await directory.deleteEndpoint(tenantA, "ep_2");
    const rest = await directory.endpoints(tenantA, { limit: 10, afterId: "ep_2" });
    expect(rest.map((endpoint) => endpoint.id)).toEqual(["ep_3", "ep_4"]);
  });
}

function describeSettings(use: StoreInUse): void {
  test("a setting is made once, also by two at the same moment, and stays", async () => {
    const { directory } = use.store;
    const once = (value: string): ReturnType<Directory["settingOnce"]> =>
      directory.settingOnce("jwt", value);
    expect(await directory.setting("jwt")).toBeUndefined();
    expect(await Promise.all([once("first"), once("second")])).toEqual(["first", "first"]);
    expect(await (await use.reopen()).directory.setting("jwt")).toBe("first");
  });
}

/** What every directory promises (`store/contract/directory.ts`). */
export function directorySuite(name: string, newPlace: NewPlace): void {
  describe(`directory: ${name}`, () => {
    const use = useStore(newPlace);
    beforeEach(async () => {
      for (const id of ["ten_a", "ten_b"]) await use.store.directory.createTenant(newTenant(id));
    });
    describe("tenants", () => {
      describeTenants(use);
    });
    describe("keys", () => {
      describeKeys(use);
    });
    describe("servers and endpoints", () => {
      describeServersAndEndpoints(use);
    });
    describe("instances", () => {
      describeInstances(use);
    });
    describe("ingest tokens", () => {
      describeTokens(use);
    });
    describe("pages", () => {
      describePages(use);
    });
    describe("settings", () => {
      describeSettings(use);
    });
  });
}
