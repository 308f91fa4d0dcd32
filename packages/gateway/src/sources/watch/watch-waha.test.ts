import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { busyRhythm } from "./testing/busy-rhythm.ts";
import { createWatchStage, scope, type WatchStage } from "./testing/watch-stage.ts";

const minute = 60_000;
const hour = 60 * minute;

let stage: WatchStage;
beforeEach(async () => {
  stage = await createWatchStage();
});
afterEach(() => stage.close());

async function texts(): Promise<readonly (string | undefined)[]> {
  return (await stage.events("message.received")).map(
    ({ data }) => (data as { content?: { text?: string } }).content?.text,
  );
}

describe("a number at WAHA", () => {
  it("gets what was written while the process was down, and nothing twice", async () => {
    const waha = await stage.waha(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await waha.receive("loja", { phone: "5511911111111", text: "before" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    await waha.trouble.restart({
      missed: "kept",
      whileDown: async () => {
        for (let index = 0; index < 30; index++) {
          stage.clock.forward(20_000);
          await waha.receive("loja", { phone: "5511911111111", text: `missed ${index}` });
        }
      },
    });
    await stage.forwardUntil(async () => (await texts()).length === 31, hour);
    expect(await texts()).toEqual([
      "before",
      ...Array.from({ length: 30 }, (_, index) => `missed ${index}`),
    ]);
  });

  it("that works and tells nothing is silent first and frozen when it stays so, and a restart helps", async () => {
    const waha = await stage.waha(["loja"]);
    const { id } = await stage.instance("loja");
    await stage.store.records.put(scope, "number", id, {});
    await stage.store.records.put(scope, "number_rhythm", id, { ...busyRhythm(30) });
    const watch = await stage.watch({ restartFrozen: true });
    await waha.receive("loja", { phone: "5511911111111", text: "before" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).reconcile?.status === "done",
      minute,
    );
    waha.trouble.freeze("loja");
    await waha.receive("loja", { phone: "5511911111111", text: "one" });
    await stage.forwardUntil(async () => (await stage.events("instance.silent")).length > 0, hour);
    await waha.receive("loja", { phone: "5511911111111", text: "two" });
    await stage.forwardUntil(async () => (await stage.events("instance.frozen")).length > 0, hour);
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).restarts.length > 0,
      10 * minute,
    );
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).incident === undefined,
      10 * minute,
    );
    expect(await texts()).toEqual(["before", "one", "two"]);
    const { pastIncidents } = await watch.health(scope, id);
    expect(pastIncidents.at(-1)).toMatchObject({ kind: "frozen", reason: "list_grows" });
  });

  it("is told as disconnected with its reason when the phone removed it", async () => {
    const waha = await stage.waha(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    waha.phone.logout("loja");
    await stage.forwardUntil(() => watch.stateOf(id) === "close", minute);
    const { connection, sentence } = await watch.health(scope, id);
    expect([connection?.providerState, connection?.reason]).toEqual(["FAILED", "failed"]);
    expect(sentence.pt).toMatch(/^Desconectado: /);
  });

  it("that the server says nothing of alone does not keep the others from being known", async () => {
    const waha = await stage.waha(["first", "second"]);
    const watch = await stage.watch();
    const [first, second] = [await stage.instance("first"), await stage.instance("second")];
    for (const { id } of [first, second]) {
      // Comparing asks for a number alone, too.
      await stage.forwardUntil(
        async () => (await watch.health(scope, id)).reconcile?.status === "done",
        minute,
      );
    }
    waha.trouble.lose(1_000);
    waha.trouble.fail({
      routes: "GET /api/sessions/:session",
      times: 1,
      answer: { status: 404, body: { message: "Session not found" } },
    });
    waha.phone.logout("first");
    waha.phone.logout("second");
    await stage.forwardUntil(() => watch.stateOf(second.id) === "close", 5 * minute);
    expect(watch.stateOf(first.id)).toBe("open");
    await stage.forwardUntil(() => watch.stateOf(first.id) === "close", 5 * minute);
  });

  it("has the state that somebody else's look at the server's list says, at once and as no news", async () => {
    const watch = await stage.watch();
    const { id } = await stage.addInstance("loja", "waha");
    const remote = { name: "loja", state: "open", providerState: "WORKING" } as const;
    watch.listed(scope, [{ instanceId: id, remote }]);
    expect(await watch.health(scope, id)).toMatchObject({
      connection: { state: "open", providerState: "WORKING" },
      sentence: { en: "Connected" },
      probe: { answer: "open" },
    });
    // What is known is not changed by a list: it may be older than what was told meanwhile.
    watch.listed(scope, [{ instanceId: id, remote: { ...remote, state: "close" } }]);
    expect(watch.stateOf(id)).toBe("open");
    expect(await stage.events()).toEqual([]);
  });
});
