import { startFakeEvolution, type FakeEvolution } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderServer } from "../../store/contract/index.ts";
import type { Adoption } from "./adoption.ts";
import { unsignedGraceMs } from "./decide/secret-plan.ts";
import { createAdoptionStage, scope, type AdoptionStage } from "./testing/adoption-stage.ts";

const apikey = "the-global-key-of-this-server";
const n8n = {
  enabled: true,
  url: "http://127.0.0.1:9090/n8n/webhook/abc?token=t0psecret",
  headers: {
    "x-shop": "1",
    jwt_key: "receivers-own-key",
    Host: "evil",
    "Content-Type": "application/json",
  },
  byEvents: true,
  base64: false,
  events: ["MESSAGES_UPSERT", "CONNECTION_UPDATE"],
};

let stage: AdoptionStage;
let evolution: FakeEvolution;
let server: ProviderServer;
let adoption: Adoption;

beforeEach(async () => {
  stage = await createAdoptionStage();
  evolution = await startFakeEvolution({
    apikey,
    instances: ["loja", "suporte", "vazia"].map((name, index) => ({
      name,
      owner: `551190000010${index}@s.whatsapp.net`,
    })),
  });
  server = await stage.register("evolution", evolution.url, apikey);
  adoption = stage.adoption();
});
afterEach(async () => {
  await evolution.close();
  await stage.close();
});

describe("adopting an Evolution server", () => {
  test("its numbers appear, each with our address and a secret of its own, and what comes is signed", async () => {
    const progress = await adoption.sync(scope, server);
    expect(progress).toMatchObject({ state: "done", total: 3, done: 3, adopted: 3, failed: 0 });
    const instances = await stage.instances();
    expect(instances.map(({ name }) => name).toSorted()).toEqual(["loja", "suporte", "vazia"]);
    const secrets = new Set<string>();
    for (const { providerName, ingestToken, serverId, webhookSecret } of instances) {
      expect(serverId).toBe(server.id);
      const secret = stage.secretBox.open(webhookSecret ?? "");
      secrets.add(secret);
      expect(evolution.webhookOf(providerName)).toMatchObject({
        url: `${stage.publicUrl}/in/${ingestToken}`,
        enabled: true,
        webhookByEvents: false,
        headers: { jwt_key: secret },
      });
    }
    expect(secrets.size).toBe(3);
    await evolution.receive("loja", { phone: "5511999990000", text: "oi" });
    await evolution.idle();
    expect(await stage.events("message.received")).toHaveLength(1);
    expect(await stage.events("instance.created")).toHaveLength(3);
  });

  test("media go on coming inside the bodies where somebody had them there, also after a look at it", async () => {
    evolution.setWebhook("loja", { ...n8n, base64: true });
    evolution.setWebhook("suporte", n8n);
    await adoption.sync(scope, server);
    const media = (name: string) => evolution.webhookOf(name)?.webhookBase64;
    expect(["loja", "suporte", "vazia"].map(media)).toEqual([true, false, false]);
    expect(await adoption.sync(scope, server)).toMatchObject({ already: 3, failed: 0 });
    const loja = (await stage.instances()).find(({ name }) => name === "loja");
    if (!loja) throw new Error("loja was not adopted");
    expect(await adoption.hookOf(scope, loja.id)).toMatchObject({ state: "adopted", media: true });
    // Somebody takes our place without them: who had them first may still need them.
    evolution.setWebhook("loja", { ...n8n, url: "http://127.0.0.1:9091/other" });
    await adoption.sync(scope, server);
    expect(media("loja")).toBe(true);
    await adoption.releaseInstance(scope, loja);
    expect(media("loja")).toBe(false);
    await adoption.adoptInstance(scope, loja, { media: false });
    expect(media("loja")).toBe(false);
    await adoption.adoptInstance(scope, loja, { media: true });
    expect(media("loja")).toBe(true);
  });

  test("again writes nothing, and a second call at the same time joins the first", async () => {
    const [first, second] = [adoption.sync(scope, server), adoption.sync(scope, server)];
    expect(await first).toBe(await second);
    expect(evolution.calls.count("POST /webhook/set/:instanceName")).toBe(3);
    evolution.calls.clear();
    expect(await adoption.sync(scope, server)).toMatchObject({ adopted: 0, already: 3 });
    expect(evolution.calls.count("POST /webhook/set/:instanceName")).toBe(0);
    expect(await stage.events("instance.created")).toHaveLength(3);
  });

  test("an address that stood there goes on receiving through an endpoint, one for all its numbers", async () => {
    evolution.setWebhook("loja", n8n);
    evolution.setWebhook("suporte", n8n);
    await adoption.sync(scope, server);
    const [endpoint, ...others] = await stage.endpoints();
    expect(others).toEqual([]);
    const ids = [await stage.instance("loja"), await stage.instance("suporte")].map(({ id }) => id);
    expect(endpoint).toMatchObject({
      url: n8n.url,
      format: "provider",
      types: ["*"],
      headers: { "x-shop": "1" },
      enabled: true,
      allowPrivate: true,
      asProvider: { events: ["CONNECTION_UPDATE", "MESSAGES_UPSERT"], byEvents: true },
    });
    expect(endpoint?.instances?.toSorted()).toEqual(ids.toSorted());
    expect(stage.secretBox.open(endpoint?.asProvider?.jwtKey ?? "")).toBe("receivers-own-key");
    const record = await adoption.hookOf(scope, ids[0] ?? "");
    expect(record).toMatchObject({ state: "adopted", droppedHeaders: ["Host"] });
    const stored = JSON.stringify([record, await stage.endpoints()]);
    expect(stored).not.toContain("receivers-own-key");
    expect(JSON.stringify(record)).not.toContain("t0psecret");
    expect(stage.logged.join("")).not.toMatch(/t0psecret|receivers-own-key|the-global-key/);
  });

  test.each([
    ["was switched off", { ...n8n, enabled: false }],
    ["can never have been called", { ...n8n, url: "n8n.example.com/webhook" }],
  ])("an address that %s becomes no endpoint", async (_why, webhook) => {
    evolution.setWebhook("loja", webhook);
    expect(await adoption.sync(scope, server)).toMatchObject({ failed: 0 });
    expect(await stage.endpoints()).toEqual([]);
  });

  test("an address in a private network is left alone when nobody may open it, and the reason is told", async () => {
    const theirs = await stage.register("evolution", evolution.url, apikey, { name: "tenant's" });
    evolution.setWebhook("loja", { ...n8n, url: "http://10.0.0.5/hook" });
    const before = evolution.webhookOf("loja");
    // The server itself must be reachable for this test; only the address may not be kept.
    const careful = stage.adoption({
      endpointRules: {
        wake: () => undefined,
        newSecret: () => "",
        mayCarry: () => true,
        refusalOf: (url) => (url.includes("10.0.0.5") ? "it is private" : undefined),
      },
    });
    const progress = await careful.sync(scope, theirs);
    expect(progress).toMatchObject({ adopted: 2, failed: 1 });
    expect(progress.failures).toEqual([
      { instance: "loja", reason: { code: "address_not_allowed", detail: "it is private" } },
    ]);
    expect(evolution.webhookOf("loja")).toEqual(before);
  });

  test("an address that would lead the provider to itself is not put there", async () => {
    evolution.setWebhook("loja", n8n);
    const before = evolution.webhookOf("loja");
    // The server is known by a name, as in a container network; the name leads to the same place here.
    const named = { ...server, baseUrl: "http://evolution:8080" };
    const { controls } = stage;
    const elsewhere = stage.adoption({
      controls: { ...controls, of: (_named, priority) => controls.of(server, priority) },
      publicUrl: () => "http://localhost:3001",
    });
    const progress = await elsewhere.sync(scope, named);
    expect(progress).toMatchObject({ adopted: 0, failed: 3 });
    expect(progress.failures[0]?.reason).toEqual({ code: "public_url_local" });
    expect(evolution.webhookOf("loja")).toEqual(before);
    expect(await stage.endpoints()).toEqual([]);
  });

  test("a number that sent to us unsigned is believed unsigned until its retries are over", async () => {
    const tenant = await stage.store.directory.tenant("default");
    const url = `${stage.publicUrl}/in/${tenant?.ingestToken}`;
    evolution.setWebhook("loja", { enabled: true, url, events: [] });
    await evolution.receive("loja", { phone: "5511999990000", text: "antes" });
    await evolution.idle();
    const learnt = await stage.instance("loja");
    expect(learnt.serverId).toBeUndefined();
    await adoption.sync(scope, server);
    const linked = await stage.instance("loja");
    expect(linked).toMatchObject({ id: learnt.id, serverId: server.id });
    expect(linked.webhookSecret).toBeUndefined();
    expect(evolution.webhookOf("loja")?.headers).toHaveProperty("jwt_key");
    stage.skewMs = unsignedGraceMs + 1_000;
    await adoption.checkNow(scope, server);
    expect((await stage.instance("loja")).webhookSecret).toBeDefined();
    expect(await stage.endpoints()).toEqual([]);
  });

  test("a name that is taken gets the server's behind it, and keeps the provider's own", async () => {
    const at = (name: string, serverId: string) => ({
      id: `ins_${name}`,
      tenantId: "default",
      name,
      providerName: name,
      provider: "evolution" as const,
      serverId,
      ingestToken: `token-of-another-${name}`,
      createdAt: 1,
    });
    await stage.store.directory.createInstance(scope, at("loja", "srv_other"));
    await adoption.sync(scope, server);
    expect(await stage.instance("loja@evolution 1")).toMatchObject({
      providerName: "loja",
      serverId: server.id,
    });
  });

  test("a number that is gone is told once and stays; one that comes back is adopted again", async () => {
    await adoption.sync(scope, server);
    await evolution.trouble.stop();
    await evolution.trouble.start();
    const response = await fetch(`${evolution.url}/instance/delete/vazia`, {
      method: "DELETE",
      headers: { apikey },
    });
    expect(response.status).toBe(200);
    await evolution.idle();
    await adoption.checkNow(scope, server);
    await adoption.checkNow(scope, server);
    const { id } = await stage.instance("vazia");
    const removed = (await stage.events("instance.removed")).filter(
      ({ instanceId, bodyId }) => instanceId === id && bodyId === undefined,
    );
    expect(removed).toHaveLength(1);
    expect(await adoption.hookOf(scope, id)).toMatchObject({ vanishedAt: expect.any(Number) });
    await evolution.create({ name: "vazia" });
    await adoption.checkNow(scope, server);
    expect(evolution.webhookOf("vazia")?.url).toContain("/in/");
    expect((await adoption.hookOf(scope, id))?.vanishedAt).toBeUndefined();
  });
});
