import { startFakeEvolution, startFakeWaha, type FakeWaha } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderServer } from "../../store/contract/index.ts";
import { unsignedGraceMs } from "./decide/secret-plan.ts";
import { createAdoptionStage, scope, type AdoptionStage } from "./testing/adoption-stage.ts";

const apiKey = "the-key-of-this-server";
const putRoute = "PUT /api/sessions/:session";
let stage: AdoptionStage;
let waha: FakeWaha;
let server: ProviderServer;
beforeEach(async () => {
  stage = await createAdoptionStage();
  waha = await startFakeWaha({
    apiKey,
    sessions: ["default", "suporte"].map((name, index) => ({
      name,
      me: { id: `551190000010${index}@c.us`, pushName: name },
    })),
  });
  server = await stage.register("waha", waha.url, apiKey);
});
afterEach(async () => {
  await waha.close();
  await stage.close();
});

interface Webhook {
  readonly url: string;
  readonly hmac?: { readonly key: string };
  readonly retries?: {
    readonly policy: string;
    readonly delaySeconds: number;
    readonly attempts: number;
  };
}

async function webhooksOf(session: string): Promise<readonly Webhook[]> {
  const headers = { "x-api-key": apiKey };
  const response = await fetch(`${waha.url}/api/sessions/${session}`, { headers });
  const { config } = (await response.json()) as {
    readonly config?: { readonly webhooks?: readonly Webhook[] };
  };
  return config?.webhooks ?? [];
}

async function putWebhooks(session: string, webhooks: readonly object[]): Promise<void> {
  const response = await fetch(`${waha.url}/api/sessions/${session}`, {
    method: "PUT",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify({ config: { webhooks } }),
  });
  expect(response.status).toBe(200);
}

describe("adopting a WAHA server", () => {
  test("its sessions appear, sign what they send, and try again for longer than our own restart", async () => {
    const adoption = stage.adoption();
    expect(await adoption.sync(scope, server)).toMatchObject({ adopted: 2, failed: 0 });
    for (const name of ["default", "suporte"]) {
      const { ingestToken, webhookSecret = "" } = await stage.instance(name);
      const [ours, ...others] = await webhooksOf(name);
      expect(others).toEqual([]);
      expect(ours?.url).toBe(`${stage.publicUrl}/in/${ingestToken}`);
      expect(ours?.hmac?.key).toBe(stage.secretBox.open(webhookSecret));
      const { policy, delaySeconds = 0, attempts = 0 } = ours?.retries ?? {};
      const waits = Array.from({ length: attempts }, (_, index) => delaySeconds * 2 ** (index + 1));
      expect(policy).toBe("exponential");
      expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(30 * 60);
    }
    await waha.idle();
    // The session told its own restart, signed, and it was taken.
    const told = await stage.events("instance.connection_changed");
    expect(told.length).toBeGreaterThan(0);
  });

  test("again restarts no session", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    expect(waha.calls.count(putRoute)).toBe(2);
    await adoption.sync(scope, server);
    await adoption.checkNow(scope, server);
    expect(waha.calls.count(putRoute)).toBe(2);
  });

  test("an address of ours that was pasted by hand is taken over, not doubled, and nothing on its way is refused", async () => {
    const tenant = await stage.store.directory.tenant("default");
    const pasted = `${stage.publicUrl}/in/${tenant?.ingestToken}`;
    await putWebhooks("default", [{ url: pasted, events: ["*"] }]);
    await waha.idle();
    const learnt = await stage.instance("default");
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const [ours, ...others] = await webhooksOf("default");
    expect([ours?.url, others]).toEqual([`${stage.publicUrl}/in/${learnt.ingestToken}`, []]);
    expect((await stage.instance("default")).webhookSecret).toBeUndefined();
    stage.skewMs = unsignedGraceMs + 1;
    await adoption.checkNow(scope, server);
    expect((await stage.instance("default")).webhookSecret).toBeDefined();
  });

  test("a webhook that somebody took out is put back beside those that came meanwhile", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const theirs = { url: "http://127.0.0.1:9090/theirs", events: ["message"] };
    await putWebhooks("default", [theirs]);
    await adoption.checkNow(scope, server);
    expect((await webhooksOf("default")).map(({ url }) => url)).toEqual([
      theirs.url,
      `${stage.publicUrl}/in/${(await stage.instance("default")).ingestToken}`,
    ]);
    expect(await stage.endpoints()).toEqual([]);
  });
});

test("an Evolution that cannot sign is believed by its address, and a secret that it would never use is refused", async () => {
  const evolution = await startFakeEvolution({
    apikey: apiKey,
    version: "2.2.3",
    instances: [{ name: "loja" }, { name: "exigente" }],
  });
  const old = await stage.register("evolution", evolution.url, apiKey);
  await stage.store.directory.createInstance(scope, {
    id: "ins_demanding",
    tenantId: "default",
    name: "exigente",
    providerName: "exigente",
    provider: "evolution",
    serverId: old.id,
    webhookSecret: stage.secretBox.seal("a person's own"),
    ingestToken: "an-ingest-token-of-it",
    createdAt: 1,
  });
  const progress = await stage.adoption().sync(scope, old);
  expect(progress).toMatchObject({ adopted: 1, failed: 1 });
  expect(progress.failures).toEqual([
    { instance: "exigente", reason: { code: "secret_not_used" } },
  ]);
  expect((await stage.instance("loja")).webhookSecret).toBeUndefined();
  await evolution.receive("loja", { phone: "5511999990000" });
  await evolution.idle();
  expect(await stage.events("message.received")).toHaveLength(1);
  await evolution.close();
});

test("a number that reports to another tenant of this gateway is left with it", async () => {
  const evolution = await startFakeEvolution({ apikey: apiKey, instances: [{ name: "loja" }] });
  const theirs = { tenantId: "rival" };
  const { directory } = stage.store;
  const tenant = { id: "rival", name: "rival", active: true, createdAt: 1 };
  await directory.createTenant({ ...tenant, ingestToken: "the-rivals-ingest-token" });
  const registered = await stage.register("evolution", evolution.url, apiKey, theirs);
  const adoption = stage.adoption();
  await adoption.sync(theirs, registered);
  const before = evolution.webhookOf("loja");
  const ours = await stage.register("evolution", evolution.url, apiKey);
  expect(await adoption.sync(scope, ours)).toMatchObject({
    failed: 1,
    failures: [{ instance: "loja", reason: { code: "other_tenant" } }],
  });
  expect(evolution.webhookOf("loja")).toEqual(before);
  await evolution.close();
});
