import { createCast, createRandom } from "@recado/simulator";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import type { Instance } from "../../store/contract/index.ts";
import {
  apikey,
  evolutionStage,
  evolutionWith,
  maria,
  owner,
  presence,
  stageWith,
  wahaWith,
} from "./testing/numbers-at-servers.ts";
import type { SocketStage } from "./testing/socket-stage.ts";

type Order = "webhook first" | "socket first";
const orders: readonly Order[] = ["webhook first", "socket first"];

/** Lets both copies of what `happens` into the log, in the order given; answers the duplicates. */
async function twice(
  stage: SocketStage,
  instance: Instance,
  order: Order,
  happens: () => Promise<unknown>,
  frames: number,
): Promise<number> {
  const before = stage.status().frames;
  const counted = () => Object.values(stage.ingest.counters().duplicates);
  if (order === "webhook first") stage.hold();
  await happens();
  await stage.until(() => stage.status().frames >= before + frames);
  const waits = () => stage.status().instances.some(({ waiting }) => waiting > 0);
  if (order === "socket first") await stage.until(() => !waits());
  await stage.deliver(instance);
  stage.open();
  await stage.until(() => !waits());
  return counted().reduce((sum, count) => sum + count, 0);
}

describe.each(orders)("an event that comes both ways is kept once, the %s", (order) => {
  test("from Evolution: messages with byte fields and events without an identity of their own", async () => {
    const { stage, fake, instance } = await evolutionStage();
    const cast = createCast(0, "Loja Teste", createRandom("cast"));
    const [person] = cast.people;
    if (!person) throw new Error("a cast has people");
    const duplicates = await twice(
      stage,
      instance,
      order,
      async () => {
        await fake.perform("loja", cast, {
          kind: "message",
          ref: { id: "AC01", fromMe: false, person },
          via: "app",
          content: { kind: "text", text: "oi" },
        });
        await fake.emit("loja", presence("composing"));
        await fake.emit("loja", presence("paused"));
        await fake.emit("loja", { event: "connection.update", data: { state: "connecting" } });
        await fake.emit("loja", {
          event: "chats.update",
          data: [{ remoteJid: maria, thumbnail: new Uint8Array([1, 2, 3]) }, { remoteJid: owner }],
        });
        await fake.emit("loja", { event: "typebot.start", data: { unheard: ["of"] } });
        await fake.idle();
      },
      6,
    );
    const events = await stage.events();
    const types = events.map(({ type }) => type);
    expect(types).toContain("message.received");
    expect(types.filter((type) => type === "presence.updated")).toHaveLength(2);
    expect(types.filter((type) => type === "chat.updated")).toHaveLength(2);
    expect(types).toContain("instance.connection_changed");
    expect(types).toContain("provider.event");
    expect(duplicates).toBe(events.length);
  });

  test("from WAHA: messages, presence and the session's status", async () => {
    const stage = await stageWith();
    const fake = await wahaWith(stage.hookUrl);
    const server = await stage.server("waha", fake.url, apikey);
    const instance = await stage.instance(server, "default");
    stage.sockets.start();
    await stage.live();
    await twice(
      stage,
      instance,
      order,
      async () => {
        await fake.receive("default", { phone: "5511900000201", text: "oi" });
        await fake.emit("default", ["presence.update"], {
          id: "5511900000201@c.us",
          presences: [{ participant: "5511900000201@c.us", lastKnownPresence: "typing" }],
        });
        await fake.emit("default", ["session.status"], { name: "default", status: "WORKING" });
        await fake.idle();
      },
      4,
    );
    const types = (await stage.events()).map(({ type }) => type);
    expect(types.filter((type) => type === "message.received")).toHaveLength(1);
    expect(types.filter((type) => type === "presence.updated")).toHaveLength(1);
    expect(types.filter((type) => type === "instance.connection_changed")).toHaveLength(1);
  });
});

test("events of one number keep their order through the socket", async () => {
  const { stage, fake } = await evolutionStage();
  const texts = Array.from({ length: 300 }, (_, n) => `n${n}`);
  for (const text of texts) {
    const key = { id: `ID${text}`, remoteJid: maria, fromMe: false };
    const data = { key, message: { conversation: text }, messageTimestamp: 1_795_512_187 };
    void fake.emit("loja", { event: "messages.upsert", data });
  }
  await stage.until(async () => (await stage.events()).length >= texts.length);
  expect(
    (await stage.events()).map(
      ({ data }) => (data as { content?: { text?: string } }).content?.text,
    ),
  ).toEqual(texts);
});

describe("an instance gets what is its own, and nothing else", () => {
  test("numbers that did not ask for it get nothing by socket, and none is made", async () => {
    const { stage, fake, server } = await evolutionStage();
    const filial = await stage.instance(server, "filial", { source: "webhook" });
    await fake.create({ name: "nova" });
    await fake.emit("filial", presence("composing"));
    await fake.emit("loja", presence("composing"));
    await stage.until(async () => (await stage.events()).length > 0);
    expect((await stage.events()).map(({ instance }) => instance?.name)).toEqual(["loja"]);
    expect(stage.status()).toMatchObject({ others: 2, frames: 3 });
    const known = await stage.store.directory.instances({ tenantId: "acme" }, { limit: 10 });
    expect(known.map(({ id }) => id)).toContain(filial.id);
    expect(known).toHaveLength(2);
  });

  test("two tenants at one server each get their own number's events", async () => {
    const { stage, fake } = await evolutionStage();
    const other = await stage.server("evolution", fake.url, apikey, { tenantId: "other" });
    await stage.instance(other, "filial");
    stage.sockets.changed();
    await stage.until(() => stage.sockets.statuses("other").some(({ state }) => state === "live"));
    for (const name of ["loja", "filial"]) await fake.emit(name, presence("composing"));
    await stage.until(async () => (await stage.events("other")).length > 0);
    await stage.until(async () => (await stage.events()).length > 0);
    expect((await stage.events("other")).map(({ instance }) => instance?.name)).toEqual(["filial"]);
    expect((await stage.events()).map(({ instance }) => instance?.name)).toEqual(["loja"]);
  });

  test("on WAHA, each session gets its own", async () => {
    const stage = await stageWith();
    const fake = await wahaWith();
    const server = await stage.server("waha", fake.url, apikey);
    await stage.instance(server, "loja", { source: "socket" });
    stage.sockets.start();
    await stage.live();
    for (const name of ["default", "loja"])
      await fake.receive(name, { phone: "5511900000201", text: name });
    await stage.until(async () => (await stage.events()).length > 0);
    expect(await stage.events()).toMatchObject([{ instance: { name: "loja" } }]);
  });
});

describe("the directory is followed without a restart", () => {
  test("instances are added and removed, and the last one takes the connection with it", async () => {
    const { stage, fake, server, instance } = await evolutionStage();
    const filial = await stage.instance(server, "filial");
    stage.sockets.changed();
    await stage.until(() => stage.status().instances.length === 2);
    await fake.emit("filial", presence("composing"));
    await stage.until(async () => (await stage.events()).length === 1);
    for (const { id } of [filial, instance])
      await stage.store.directory.deleteInstance({ tenantId: "acme" }, id);
    stage.sockets.changed();
    await stage.until(() => stage.sockets.statuses().length === 0);
    expect(stage.sockets.stranded()).toEqual([]);
  });

  test("without being told, at the next turn", async () => {
    const stage = await stageWith({ refreshMs: 500 });
    const fake = await evolutionWith();
    stage.sockets.start();
    const server = await stage.server("evolution", fake.url, apikey);
    await stage.instance(server, "loja");
    await stage.live();
    await stage.store.directory.deleteServer({ tenantId: "acme" }, server.id);
    await stage.until(() => stage.sockets.statuses().length === 0);
    expect(stage.sockets.stranded()).toHaveLength(1);
  });

  test("a key that was refused is said so in words, and a new one is used at once", async () => {
    const stage = await stageWith();
    const fake = await evolutionWith();
    const server = await stage.server("evolution", fake.url, "OLD-KEY-9999");
    await stage.instance(server, "loja");
    stage.sockets.start();
    await stage.until(() => stage.sockets.statuses()[0]?.state === "waiting");
    const { reason, attempts, retryAt = 0, since } = stage.status();
    expect(reason).toMatchObject({ code: "key_refused", en: expect.stringMatching(/key/) });
    expect(attempts).toBeGreaterThan(0);
    // Slower than after a mere loss.
    expect(retryAt - since).toBeGreaterThanOrEqual(30_000);
    const change = { apiKey: stage.seal(apikey) };
    await stage.store.directory.updateServer({ tenantId: "acme" }, server.id, change);
    stage.sockets.changed();
    await stage.live();
    expect(stage.status()).not.toHaveProperty("reason");
    expect(stage.logged.join("")).not.toMatch(/OLD-KEY|GLOBAL-KEY/);
  });

  test("WAHA's key, which can only stand in the address, is in no log line and no status", async () => {
    const stage = await stageWith();
    const fake = await wahaWith();
    const server = await stage.server("waha", fake.url, "WRONG-KEY-1234");
    await stage.instance(server, "loja");
    stage.sockets.start();
    await stage.until(() => stage.sockets.statuses()[0]?.state === "waiting");
    expect(stage.status().reason?.code).toBe("key_refused");
    await fake.trouble.stop();
    const seen = JSON.stringify([stage.logged, stage.sockets.statuses()]);
    expect(seen).not.toMatch(/WRONG-KEY/);
  });

  test("a server that another process owns is left to it", async () => {
    const stage = await stageWith({ owns: () => false });
    const fake = await evolutionWith();
    await stage.instance(await stage.server("evolution", fake.url, apikey), "loja");
    stage.sockets.start();
    stage.sockets.changed();
    await stage.sockets.stop();
    expect(stage.sockets.statuses()).toEqual([]);
    expect(stage.logged.join("")).not.toContain("connected");
  });

  test("a tenant that was switched off is not connected for", async () => {
    const { stage } = await evolutionStage();
    expect(stage.sockets.statuses("acme")).toHaveLength(1);
    await stage.store.directory.updateTenant("acme", { active: false });
    stage.sockets.changed();
    await stage.until(() => stage.sockets.statuses().length === 0);
  });
});

test("a server that restarts is connected to again, and what may be missing since is told", async () => {
  const { stage, fake, instance } = await evolutionStage();
  expect(stage.gaps).toEqual([{ tenantId: "acme", instanceId: instance.id, reason: "connected" }]);
  const before = Date.now();
  await fake.trouble.stop();
  await stage.until(() => stage.status().state !== "live");
  expect(stage.status().reason?.code).toMatch(/^(closed|unreachable)$/);
  await fake.trouble.start();
  await stage.live();
  expect(stage.gaps).toHaveLength(2);
  expect(stage.gaps[1]?.since).toBeGreaterThanOrEqual(before);
  await fake.emit("loja", presence("composing"));
  await stage.until(async () =>
    (await stage.events()).some(({ type }) => type === "presence.updated"),
  );
});

test("what finds no room is dropped, counted, and told so that it can be fetched", async () => {
  const limits = { framesPerKey: 3, bytes: 1_000_000 };
  const { stage, fake, instance } = await evolutionStage({}, {}, { limits });
  stage.hold();
  for (let n = 0; n < 10; n++) await fake.emit("loja", presence(`state-${n}`));
  await stage.until(() => stage.status().instances[0]?.dropped === 7);
  stage.open();
  await stage.until(async () => (await stage.events()).length === 3);
  await stage.until(() => stage.gaps.some(({ reason }) => reason === "dropped"));
  expect(stage.gaps.at(-1)).toMatchObject({ instanceId: instance.id, since: expect.any(Number) });
});

test("what was taken before the end is stored before the end", async () => {
  const { stage, fake } = await evolutionStage({}, {}, { clock: systemClock });
  stage.hold();
  for (let n = 0; n < 20; n++) await fake.emit("loja", presence(`state-${n}`));
  await stage.until(() => stage.status().frames === 20);
  const stopped = stage.sockets.stop();
  stage.open();
  await stopped;
  expect(await stage.events()).toHaveLength(20);
});
