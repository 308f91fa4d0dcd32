import { describe, expect, test } from "vitest";
import {
  apikey,
  evolutionStage,
  evolutionWith,
  presence,
  stageWith,
} from "./testing/numbers-at-servers.ts";

describe("where each instance has its own namespace", () => {
  test("it is switched on at the server, and events come as soon as there are any", async () => {
    const { stage, fake, instance } = await evolutionStage({ websocket: { global: false } });
    await stage.until(() => fake.calls.count("POST /websocket/set/:instanceName") === 1);
    await fake.emit("loja", presence("composing"));
    await stage.until(() => stage.gaps.some(({ reason }) => reason === "channel"));
    await fake.emit("loja", presence("paused"));
    await stage.until(async () => (await stage.events()).length === 1);
    expect(stage.gaps.at(-1)).toEqual({
      tenantId: "acme",
      instanceId: instance.id,
      reason: "channel",
      since: expect.any(Number),
    });
  });

  test("one that is on already is left as it is", async () => {
    const fake = await evolutionWith();
    fake.setWebsocket("loja", { enabled: true, events: [] });
    const stage = await stageWith();
    await stage.instance(await stage.server("evolution", fake.url, apikey), "loja");
    stage.sockets.start();
    await stage.until(() => fake.calls.count("GET /websocket/find/:instanceName") > 0);
    await stage.live();
    await stage.sockets.stop();
    expect(fake.calls.count("POST /websocket/set/:instanceName")).toBe(0);
  });

  test("a server that refuses says why", async () => {
    const { stage } = await evolutionStage({}, { providerName: "gone" });
    await stage.until(() => stage.status().instances[0]?.switchProblem !== undefined);
    expect(stage.status().instances).toMatchObject([
      { switchProblem: "not_found", covered: false },
    ]);
  });
});

describe("an instance that gets its events by socket only", () => {
  const only = { source: "socket" } as const;
  const scope = { tenantId: "acme" };

  test("loses its webhook when the socket carries it, and keeps it while the server is not reached", async () => {
    const stage = await stageWith();
    const fake = await evolutionWith();
    await fake.trouble.stop();
    const server = await stage.server("evolution", fake.url, apikey);
    const instance = await stage.instance(server, "loja", only);
    stage.sockets.start();
    await stage.until(() => (stage.sockets.statuses()[0]?.attempts ?? 0) >= 2);
    expect(stage.hooks).toEqual([]);
    await fake.trouble.start();
    await stage.live();
    await fake.emit("loja", presence("composing"));
    await stage.until(() => stage.hooks.length > 0);
    expect(stage.hooks).toEqual([`remove ${instance.id}`]);
    expect(await stage.store.records.get(scope, "source", instance.id)).toMatchObject({
      value: { hook: "removed" },
    });
  });

  test("gets it back before the socket is left", async () => {
    const { stage, fake, instance } = await evolutionStage({}, only);
    await fake.emit("loja", presence("composing"));
    await stage.until(() => stage.hooks.length === 1);
    stage.hookFailure = new Error("the provider is busy");
    await stage.store.directory.updateInstance(scope, instance.id, { source: "webhook" });
    stage.sockets.changed();
    await stage.until(() => stage.status().instances[0]?.hookProblem === "failed");
    await fake.emit("loja", presence("paused"));
    await stage.until(async () => (await stage.events()).length === 2);
    expect(stage.hooks).toEqual([`remove ${instance.id}`, `install ${instance.id}`]);
  });

  test("and is not listened to any more once it has it", async () => {
    const { stage, fake, instance } = await evolutionStage({}, only);
    await fake.emit("loja", presence("composing"));
    await stage.until(() => stage.hooks.length === 1);
    await stage.store.directory.updateInstance(scope, instance.id, { source: "webhook" });
    stage.sockets.changed();
    await stage.until(() => stage.sockets.statuses().length === 0);
    expect(stage.hooks).toEqual([`remove ${instance.id}`, `install ${instance.id}`]);
    expect(await stage.store.records.get(scope, "source", instance.id)).toBeUndefined();
  });

  test("a removal that a crash cut short is done again", async () => {
    const stage = await stageWith();
    const fake = await evolutionWith();
    const server = await stage.server("evolution", fake.url, apikey);
    const instance = await stage.instance(server, "loja", only);
    await stage.store.records.put(scope, "source", instance.id, { hook: "removing" });
    stage.sockets.start();
    await stage.live();
    await fake.emit("loja", presence("composing"));
    await stage.until(async () => (await stage.events()).length === 1);
    stage.sockets.changed();
    await stage.until(() => stage.hooks.length === 1);
    expect(stage.hooks).toEqual([`remove ${instance.id}`]);
  });
});
