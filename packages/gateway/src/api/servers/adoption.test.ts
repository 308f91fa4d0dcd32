import { startFakeEvolution, type FakeEvolution } from "@recado/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskedSecret } from "@recado/protocol";
import { createServerControls } from "../../sources/index.ts";
import { createAdoption } from "../../sources/adopt/index.ts";
import { createEventLogWriter } from "../../log/index.ts";
import { createOutbound } from "../../outbound/index.ts";
import { startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";

const apikey = "the-global-key-of-this-server";
const n8n = { enabled: true, url: "http://127.0.0.1:9090/n8n?token=s3cret", events: ["CALL"] };
let evolution: FakeEvolution;
let server: ApiServer;
let stop: () => Promise<void>;

beforeAll(async () => {
  evolution = await startFakeEvolution({
    apikey,
    instances: [{ name: "loja", owner: "5511900000100@s.whatsapp.net" }, { name: "suporte" }],
  });
  evolution.setWebhook("loja", n8n);
  // The harness' own adopts nothing by itself: this one is as the gateway has it.
  const base = await startApi();
  const { store, secretBox, clock, ids, logger } = base.options;
  const outbound = createOutbound();
  const controls = createServerControls({ outbound, secretBox, clock });
  const writer = createEventLogWriter({ log: store.log, clock, ids });
  const adoption = createAdoption({
    store,
    secretBox,
    clock,
    ids,
    logger,
    outbound,
    controls,
    writer,
    endpointRules: {
      wake: () => undefined,
      newSecret: () => "whsec_none",
      mayCarry: () => true,
      refusalOf: () => undefined,
    },
    publicUrl: base.options.publicUrl,
    checkEveryMs: 0,
    repair: "deaf",
  });
  server = await startApi({ store, adoption });
  stop = async () => {
    await adoption.stop();
    await server.app.close();
    controls.close();
    writer.close();
    await outbound.close();
    await base.close();
    await evolution.close();
  };
});
afterAll(() => stop());

describe("a provider server", () => {
  it("is adopted by being registered, and shows how far it is and how its numbers are", async () => {
    const made = (
      await server.call("POST", "/servers", {
        body: { name: "evo", provider: "evolution", baseUrl: evolution.url, apiKey: apikey },
      })
    ).json();
    expect(made).toMatchObject({ apiKey: maskedSecret, released: false });
    const joined = await server.call("POST", `/servers/${made.id}/sync`, { body: { wait: true } });
    expect(joined.json()).toMatchObject({
      state: "done",
      total: 2,
      done: 2,
      adopted: 2,
      failed: 0,
    });
    expect(evolution.calls.count("POST /webhook/set/:instanceName")).toBe(2);
    const shown = (await server.call("GET", `/servers/${made.id}`)).json();
    expect(shown).toMatchObject({
      health: { ok: true },
      version: "2.3.7",
      sync: { state: "done" },
      instances: { total: 2, adopted: 2, pending: 0, failed: 0, vanished: 0 },
    });
    const begun = (await server.call("POST", `/servers/${made.id}/sync`)).json();
    expect(begun).toMatchObject({ state: "running" });
    const hook = (await server.call("GET", "/instances/loja/hook")).json();
    expect(hook).toMatchObject({
      state: "adopted",
      signed: true,
      differences: [],
      keptEndpointId: expect.stringMatching(/^end_/),
    });
    const texts = [shown, hook, (await server.call("GET", "/servers")).json()];
    expect(JSON.stringify(texts)).not.toMatch(/s3cret|the-global-key/);
  });

  it("is given back as a whole or number by number", async () => {
    const one = await server.call("POST", "/instances/loja/release");
    expect(one.json()).toEqual({ outcome: "released" });
    expect(evolution.webhookOf("loja")).toMatchObject({ url: n8n.url, events: ["CALL"] });
    const again = await server.call("POST", "/instances/loja/sync");
    expect(again.json()).toEqual({ outcome: "adopted" });
    const { id } = (await server.call("GET", "/servers")).json().data[0];
    const all = await server.call("POST", `/servers/${id}/release`);
    expect(all.json()).toEqual({ released: 2, failures: [] });
    expect(evolution.webhookOf("loja")).toMatchObject({ url: n8n.url });
    expect((await server.call("GET", `/servers/${id}`)).json()).toMatchObject({
      released: true,
      instances: { released: 2 },
    });
  });

  it("tells why its webhooks do not arrive, in both languages", async () => {
    const { id } = (await server.call("GET", "/servers")).json().data[0];
    const answer = (await server.call("POST", `/servers/${id}/test`)).json();
    expect(answer).toMatchObject({
      verdict: "fails",
      selfCall: { problem: "name_not_found" },
      server: { durationMs: expect.any(Number) },
    });
    for (const { en, pt } of answer.explanations) expect(en).not.toBe(pt);
  });

  it("that is dead is registered all the same, and says what is wrong with it", async () => {
    const made = await server.call("POST", "/servers", {
      body: { provider: "waha", baseUrl: "http://127.0.0.1:1025", apiKey: "k" },
    });
    expect(made.statusCode).toBe(201);
    const path = `/servers/${made.json().id}`;
    const sync = await server.call("POST", `${path}/sync`, { body: { wait: true } });
    expect(sync.json()).toMatchObject({
      state: "failed",
      reason: { code: "unreachable", en: expect.any(String), pt: expect.any(String) },
    });
    expect((await server.call("GET", path)).json()).toMatchObject({ health: { ok: false } });
  });

  it("opens the private network only for the address that the operator registered", async () => {
    const key = await tenantWithKey(server, "default");
    const made = (
      await server.call("POST", "/servers", {
        body: { provider: "waha", baseUrl: "http://127.0.0.1:1026", apiKey: "k" },
      })
    ).json();
    const scope = { tenantId: "default" };
    const stored = () => server.options.store.directory.server(scope, made.id);
    expect((await stored())?.allowPrivate).toBe(true);
    await server.call("PATCH", `/servers/${made.id}`, { as: key, body: { name: "renamed" } });
    expect((await stored())?.allowPrivate).toBe(true);
    await server.call("PATCH", `/servers/${made.id}`, {
      as: key,
      body: { baseUrl: "https://waha.example.com", apiKey: "k2" },
    });
    expect((await stored())?.allowPrivate).toBe(false);
  });

  it("an instance without a server has no webhook to put in place", async () => {
    await server.call("POST", "/instances", { body: { name: "avulsa", provider: "waha" } });
    const hook = (await server.call("GET", "/instances/avulsa/hook")).json();
    expect(hook).toEqual({ state: "none", differences: [], signed: false });
    const sync = await server.call("POST", "/instances/avulsa/sync");
    expect([sync.statusCode, sync.json().code]).toEqual([404, "not_found"]);
  });
});
