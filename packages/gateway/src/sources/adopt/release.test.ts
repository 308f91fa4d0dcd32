import { startFakeEvolution, startFakeWaha } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAdoptionStage, scope, type AdoptionStage } from "./testing/adoption-stage.ts";

const apikey = "the-global-key-of-this-server";
let stage: AdoptionStage;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  stage = await createAdoptionStage();
  closing.push(() => stage.close());
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const owner = "5511900000100@s.whatsapp.net";
const url = "http://127.0.0.1:9090/n8n?t=1";

/** Everything of a webhook's row but when it was written. */
function settingsOf(row: object | undefined): object {
  const { updatedAt: _at, ...rest } = row as { readonly updatedAt?: string };
  return rest;
}

describe("giving an Evolution server back", () => {
  test.each([
    { enabled: true, url, events: [], headers: {}, byEvents: false, base64: false },
    { enabled: true, url, events: ["CALL"], headers: { a: "1" }, byEvents: true, base64: true },
    { enabled: false, url, headers: { jwt_key: "theirs" }, byEvents: true, base64: false },
  ])("what stood there stands there as it was: %j", async (webhook) => {
    const evolution = await startFakeEvolution({ apikey, instances: [{ name: "loja", owner }] });
    closing.push(() => evolution.close());
    evolution.setWebhook("loja", webhook);
    const before = evolution.webhookOf("loja");
    const server = await stage.register("evolution", evolution.url, apikey);
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    expect(evolution.webhookOf("loja")?.url).not.toBe(url);
    expect(await adoption.release(scope, server)).toEqual({ released: 1, failures: [] });
    expect(settingsOf(evolution.webhookOf("loja"))).toEqual(settingsOf(before));
    for (const endpoint of await stage.endpoints()) {
      expect(endpoint).toMatchObject({ enabled: false, instances: [] });
    }
    // Whoever configures it by hand now has no secret of ours.
    expect((await stage.instance("loja")).webhookSecret).toBeUndefined();
    // And nothing adopts it again but a person.
    await adoption.checkNow(scope, server);
    expect(settingsOf(evolution.webhookOf("loja"))).toEqual(settingsOf(before));
    expect(await adoption.sync(scope, server)).toMatchObject({ adopted: 1 });
    expect(evolution.webhookOf("loja")?.url).toContain("/in/");
  });

  test("one number is given back alone, and stays so when its server is synchronised", async () => {
    const evolution = await startFakeEvolution({
      apikey,
      instances: [{ name: "loja", owner }, { name: "suporte" }],
    });
    closing.push(() => evolution.close());
    for (const name of ["loja", "suporte"])
      evolution.setWebhook(name, { enabled: true, url, events: [] });
    const server = await stage.register("evolution", evolution.url, apikey);
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const loja = await stage.instance("loja");
    expect(await adoption.releaseInstance(scope, loja)).toEqual({ kind: "released" });
    expect(evolution.webhookOf("loja")?.url).toBe(url);
    const [endpoint] = await stage.endpoints();
    expect(endpoint).toMatchObject({
      enabled: true,
      instances: [(await stage.instance("suporte")).id],
    });
    expect(await adoption.sync(scope, server)).toMatchObject({ already: 1, skipped: 1 });
    expect(evolution.webhookOf("loja")?.url).toBe(url);
    expect(await adoption.adoptInstance(scope, loja)).toEqual({ kind: "adopted" });
    expect(evolution.webhookOf("loja")?.url).toContain("/in/");
  });

  test("a number that is given back while its server is synchronised stays given back", async () => {
    const evolution = await startFakeEvolution({ apikey, instances: [{ name: "loja", owner }] });
    closing.push(() => evolution.close());
    evolution.setWebhook("loja", { enabled: true, url, events: [] });
    const server = await stage.register("evolution", evolution.url, apikey);
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const loja = await stage.instance("loja");
    for (let round = 0; round < 5; round++) {
      const all = [adoption.sync(scope, server), adoption.releaseInstance(scope, loja)];
      await Promise.all(all);
      expect(evolution.webhookOf("loja")?.url).toBe(url);
      await adoption.adoptInstance(scope, loja);
    }
  });

  test("a person's own secret is used and stays", async () => {
    const evolution = await startFakeEvolution({ apikey, instances: [{ name: "loja", owner }] });
    closing.push(() => evolution.close());
    const server = await stage.register("evolution", evolution.url, apikey);
    await stage.store.directory.createInstance(scope, {
      id: "ins_own",
      tenantId: "default",
      name: "loja",
      providerName: "loja",
      provider: "evolution",
      serverId: server.id,
      webhookSecret: stage.secretBox.seal("a person's own"),
      ingestToken: "an-ingest-token-of-it",
      createdAt: 1,
    });
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    expect(evolution.webhookOf("loja")?.headers).toEqual({ jwt_key: "a person's own" });
    await adoption.release(scope, server);
    const { webhookSecret = "" } = await stage.instance("loja");
    expect(stage.secretBox.open(webhookSecret)).toBe("a person's own");
  });

  test("a server that fails keeps what it has, and says so", async () => {
    const evolution = await startFakeEvolution({ apikey, instances: [{ name: "loja", owner }] });
    closing.push(() => evolution.close());
    evolution.setWebhook("loja", { enabled: true, url, events: [] });
    const server = await stage.register("evolution", evolution.url, apikey);
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const lift = evolution.trouble.fail({ answer: { status: 500, body: {} } });
    const { released, failures } = await adoption.release(scope, server);
    expect([released, failures[0]?.instance]).toEqual([0, "loja"]);
    const [endpoint] = await stage.endpoints();
    expect(endpoint?.enabled).toBe(true);
    lift();
    expect(await adoption.release(scope, server)).toMatchObject({ released: 1 });
    expect(evolution.webhookOf("loja")?.url).toBe(url);
  });
});

test("giving a WAHA server back leaves the webhooks of others as they were", async () => {
  const theirs = {
    url: "http://127.0.0.1:9090/theirs",
    events: ["message"],
    hmac: { key: "theirs" },
    retries: { policy: "linear" as const, delaySeconds: 1, attempts: 3 },
    customHeaders: [{ name: "a", value: "1" }],
  };
  const waha = await startFakeWaha({
    apiKey: apikey,
    sessions: [
      {
        name: "default",
        me: { id: "5511900000100@c.us", pushName: "Loja" },
        config: { metadata: { "shop.id": "7" }, webhooks: [theirs] },
      },
    ],
  });
  closing.push(() => waha.close());
  const configOf = async (): Promise<unknown> => {
    const response = await fetch(`${waha.url}/api/sessions/default`, {
      headers: { "x-api-key": apikey },
    });
    return ((await response.json()) as { readonly config: unknown }).config;
  };
  const before = await configOf();
  const server = await stage.register("waha", waha.url, apikey);
  const adoption = stage.adoption();
  expect(await adoption.sync(scope, server)).toMatchObject({ adopted: 1, failed: 0 });
  const { webhooks } = (await configOf()) as { readonly webhooks: readonly object[] };
  expect(webhooks).toHaveLength(2);
  expect(webhooks[0]).toEqual(theirs);
  expect(webhooks[1]).toMatchObject({ events: expect.arrayContaining(["*"]) });
  expect(await stage.endpoints()).toEqual([]);
  expect((await stage.instance("default")).webhookSecret).toBeDefined();
  expect(await adoption.release(scope, server)).toMatchObject({ released: 1 });
  expect(await configOf()).toEqual(before);
});

test("what an address of before was not sent yet when its number is given back still goes there", async () => {
  const evolution = await startFakeEvolution({ apikey, instances: [{ name: "loja", owner }] });
  closing.push(() => evolution.close());
  evolution.setWebhook("loja", { enabled: true, url, events: [] });
  const server = await stage.register("evolution", evolution.url, apikey);
  const adoption = stage.adoption();
  await adoption.sync(scope, server);
  // Nothing delivers in this test: a receiver that is far behind.
  await evolution.receive("loja", { phone: "5511999990000", text: "oi" });
  await evolution.idle();
  const { id } = await stage.instance("loja");
  expect(await adoption.release(scope, server)).toMatchObject({ released: 1 });
  expect(evolution.webhookOf("loja")?.url).toBe(url);
  const [endpoint] = await stage.endpoints();
  expect(endpoint).toMatchObject({ enabled: true, instances: [id] });
  await adoption.checkNow(scope, server);
  expect(await stage.endpoints()).toMatchObject([{ enabled: true, instances: [id] }]);
  // It was looked at: the number leaves at the next round, and the server is not called for that.
  const { deliveries, log } = stage.store;
  const { offset: from = 0 } = (await deliveries.cursor(scope, endpoint?.id ?? "")) ?? {};
  const { head } = await log.bounds(scope);
  await deliveries.plan(scope, {
    endpointId: endpoint?.id ?? "",
    from,
    to: head,
    deliveries: [],
  });
  evolution.calls.clear();
  await adoption.checkNow(scope, server);
  expect(evolution.calls.count()).toBe(0);
  expect(await stage.endpoints()).toMatchObject([{ enabled: false, instances: [] }]);
  expect(await adoption.hookOf(scope, id)).not.toHaveProperty("leavingEndpointId");
});
