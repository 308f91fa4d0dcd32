import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecadoEvent } from "@recado/protocol";
import { busyRhythm } from "./testing/busy-rhythm.ts";
import { createWatchStage, scope, type WatchStage } from "./testing/watch-stage.ts";

const minute = 60_000;
const hour = 60 * minute;

let stage: WatchStage;
beforeEach(async () => {
  stage = await createWatchStage();
});
afterEach(() => stage.close());

/** Two weeks of experience with numbers, as if the watch had had them. */
async function experienced(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { id } = await stage.instance(name);
    const { records } = stage.store;
    await records.put(scope, "number_rhythm", id, { ...busyRhythm(30) });
    await records.put(scope, "number", id, {});
  }
}

const texts = (events: readonly RecadoEvent[]): readonly (string | undefined)[] =>
  events.map(({ data }) => (data as { content?: { text?: string } }).content?.text);

describe("a number's state", () => {
  it("is known by asking when the provider never told it, and is no news then", async () => {
    await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    expect(await stage.events()).toEqual([]);
    const { probe, sentence } = await watch.health(scope, id);
    expect(probe).toMatchObject({ answer: "open" });
    expect(sentence).toEqual({ en: "Connected", pt: "Conectado" });
  });

  it("that the provider changed without a webhook is told, with its reason", async () => {
    const evolution = await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await evolution.receive("loja", { phone: "5511911111111" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    evolution.trouble.lose(20, "loja");
    await evolution.phone.ban("loja");
    await stage.forwardUntil(() => watch.stateOf(id) === "close", 5 * minute);
    const [told, ...more] = await stage.events("instance.connection_changed");
    expect(more).toEqual([]);
    expect(told?.data).toMatchObject({ state: "close", reason: "banned", reasonCode: 403 });
    await stage.forwardUntil(
      async () => (await stage.events("instance.logged_out")).length > 0,
      minute,
    );
    expect((await stage.events("instance.logged_out")).map(({ data }) => data)).toEqual([
      { reason: "banned" },
    ]);
    const health = await watch.health(scope, id);
    expect(health.sentence.pt).toMatch(/^Desconectado: número banido/);
  });

  it("a logout that the provider tells itself is not told again", async () => {
    const evolution = await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await evolution.phone.logout("loja");
    await stage.forwardUntil(() => watch.stateOf(id) === "close", minute);
    const end = stage.clock.now() + 3 * minute;
    await stage.forwardUntil(() => stage.clock.now() >= end, 4 * minute);
    const told = await stage.events("instance.logged_out");
    expect(told).toHaveLength(1);
    expect(told[0]?.data).not.toHaveProperty("reason");
  });

  it("of a server that does not answer stays what it was, with what was asked and why there was no answer", async () => {
    const evolution = await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    await evolution.trouble.stop();
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).probe?.answer === "unreachable",
      5 * minute,
    );
    expect(watch.stateOf(id)).toBe("open");
  });
});

describe("messages that were missed", () => {
  it("while the provider was down are fetched when it is back: marked, in order, once", async () => {
    const evolution = await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await evolution.receive("loja", { phone: "5511911111111", text: "before" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    await evolution.trouble.restart({
      missed: "kept",
      whileDown: async () => {
        for (let index = 0; index < 250; index++) {
          stage.clock.forward(1_000);
          await evolution.receive("loja", { phone: "5511911111111", text: `missed ${index}` });
        }
      },
    });
    await stage.forwardUntil(
      async () => (await stage.events("message.received")).length > 250,
      hour,
    );
    const events = await stage.events("message.received");
    const expected = ["before", ...Array.from({ length: 250 }, (_, index) => `missed ${index}`)];
    expect(texts(events)).toEqual(expected);
    expect(events.slice(1).every(({ recovered }) => recovered)).toBe(true);
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).gapFrom === undefined,
      10 * minute,
    );
    const { reconcile } = await watch.health(scope, id);
    expect(reconcile).toMatchObject({ status: "done", complete: true });
  });

  it("while this program did not run are fetched after its start, although live ones came first", async () => {
    const evolution = await stage.evolution(["loja"]);
    const first = await stage.watch();
    const { id } = await stage.instance("loja");
    await evolution.receive("loja", { phone: "5511911111111", text: "before" });
    await evolution.phone.open("loja");
    await stage.forwardUntil(() => first.stateOf(id) === "open", minute);
    await stage.stop();
    evolution.trouble.lose(1, "loja");
    stage.clock.forward(20 * minute);
    await evolution.receive("loja", { phone: "5511911111111", text: "missed" });
    stage.clock.forward(20 * minute);
    await evolution.receive("loja", { phone: "5511911111111", text: "live" });
    await stage.watch();
    await stage.forwardUntil(
      async () => (await stage.events("message.received")).length === 3,
      hour,
    );
    const events = await stage.events("message.received");
    expect(texts(events)).toEqual(["before", "live", "missed"]);
    expect(events.map(({ late, recovered }) => [late, recovered])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [true, true],
    ]);
  });

  it("are found within hours when a single one was lost among others", async () => {
    const evolution = await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await evolution.receive("loja", { phone: "5511911111111", text: "one" });
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).reconcile?.status === "done",
      hour,
    );
    evolution.trouble.lose(1, "loja");
    await evolution.receive("loja", { phone: "5511911111111", text: "lost" });
    await evolution.receive("loja", { phone: "5511911111111", text: "two" });
    await stage.forwardUntil(
      async () => (await stage.events("message.received")).length === 3,
      7 * hour,
    );
    expect(texts(await stage.events("message.received"))).toEqual(["one", "two", "lost"]);
    expect((await watch.health(scope, id)).reconcile?.trigger).toBe("scheduled");
  });

  it("are fetched when a person asks, from when they say", async () => {
    const evolution = await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    evolution.trouble.lose(20, "loja");
    const since = stage.clock.now();
    for (const text of ["one", "two"]) await evolution.receive("loja", { phone: "551191", text });
    const report = await watch.reconcile(scope, id, since);
    expect(report?.trigger).toBe("requested");
    await stage.forwardUntil(
      async () => (await stage.events("message.received")).length === 2,
      hour,
    );
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).reconcile?.status === "done",
      minute,
    );
    expect((await watch.health(scope, id)).reconcile).toMatchObject({ lookedAt: 2, added: 2 });
  });

  it("cannot be fetched for a number without a server, nor for another tenant's", async () => {
    await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const alone = await stage.addInstance("sozinha", "waha");
    expect(await watch.reconcile(scope, alone.id)).toBeUndefined();
    const { id } = await stage.instance("loja");
    expect(await watch.reconcile({ tenantId: "other" }, id)).toBeUndefined();
    expect((await watch.health({ tenantId: "other" }, id)).connection).toBeUndefined();
  });
});

describe("a number that says it is connected while nothing comes", () => {
  it("has lost its webhooks when the provider has newer messages: told once, fetched, and over with the next event", async () => {
    const evolution = await stage.evolution(["loja"]);
    await experienced("loja");
    const watch = await stage.watch({ hookInPlace: () => Promise.resolve(false) });
    const { id } = await stage.instance("loja");
    await evolution.receive("loja", { phone: "5511911111111", text: "before" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    // What is new to the watch is compared once.
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).reconcile?.status === "done",
      minute,
    );
    await evolution.receive("loja", { phone: "5511911111111", text: "still" });
    evolution.trouble.lose(1_000, "loja", "webhook");
    await evolution.receive("loja", { phone: "5511911111111", text: "lost" });
    await stage.forwardUntil(async () => (await stage.events("instance.silent")).length > 0, hour);
    await evolution.receive("loja", { phone: "5511911111111", text: "lost too" });
    await stage.forwardUntil(
      async () => (await stage.events("message.received")).length === 4,
      hour,
    );
    expect(texts(await stage.events("message.received"))).toEqual([
      "before",
      "still",
      "lost",
      "lost too",
    ]);
    const [told, ...more] = await stage.events("instance.silent");
    expect(more).toEqual([]);
    expect(told?.data).toMatchObject({
      reason: "webhooks_lost",
      evidence: { missedEvents: 1, providerSays: "open", webhookInPlace: false },
    });
    expect((await watch.health(scope, id)).sentence.pt).toMatch(/^Conectado: mas sem eventos há/);
  });

  it("is really quiet when the provider saw nothing either, and nobody is told", async () => {
    const evolution = await stage.evolution(["loja"]);
    await experienced("loja");
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await evolution.receive("loja", { phone: "5511911111111" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).reconcile?.trigger === "silent",
      30 * minute,
    );
    const { silence, incident } = await watch.health(scope, id);
    expect([silence.level, incident]).toEqual(["suspicious", undefined]);
    expect(await stage.events("instance.silent")).toEqual([]);
  });

  it("is frozen beyond doubt: told once, restarted where that is wished for, and what it held comes", async () => {
    const evolution = await stage.evolution(["loja", "outra"]);
    await experienced("loja", "outra");
    const watch = await stage.watch({ restartFrozen: true });
    const { id } = await stage.instance("loja");
    await evolution.receive("loja", { phone: "5511911111111", text: "before" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    evolution.trouble.freeze("loja");
    await evolution.receive("loja", { phone: "5511911111111", text: "held" });
    let told: readonly RecadoEvent[] = [];
    let steps = 0;
    await stage.forwardUntil(async () => {
      if (steps++ % 24 === 0) await evolution.receive("outra", { phone: "5511922222222" });
      told = await stage.events("instance.frozen");
      return told.length > 0;
    }, 2 * hour);
    expect(told[0]).toMatchObject({ instance: { id }, data: { reason: "nothing_flows" } });
    await stage.forwardUntil(async () => texts(await stage.events()).includes("held"), 10 * minute);
    const { incident, pastIncidents, restarts } = await watch.health(scope, id);
    expect(incident).toBeUndefined();
    expect(pastIncidents).toMatchObject([{ kind: "frozen", reason: "nothing_flows" }]);
    expect(restarts).toHaveLength(1);
    expect(await stage.events("instance.frozen")).toHaveLength(1);
  });

  it("is not restarted by itself unless that is wished for", async () => {
    const evolution = await stage.evolution(["loja"]);
    await experienced("loja");
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await evolution.receive("loja", { phone: "5511911111111" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    evolution.trouble.freeze("loja");
    await stage.forwardUntil(
      async () => (await stage.events("instance.frozen")).length > 0,
      2 * hour,
    );
    const end = stage.clock.now() + 40 * minute;
    await stage.forwardUntil(() => stage.clock.now() >= end, 4 * hour);
    const { incident, restarts } = await watch.health(scope, id);
    expect([incident?.kind, restarts]).toEqual(["frozen", []]);
    expect(await stage.events("instance.frozen")).toHaveLength(1);
    expect(evolution.calls.count("POST /instance/restart/:instanceName")).toBe(0);
  });
});
