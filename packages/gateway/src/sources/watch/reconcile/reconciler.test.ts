import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWatchStage, scope, type WatchStage } from "../testing/watch-stage.ts";
import type { NumberWatch } from "../watch.ts";

const minute = 60_000;
const hour = 60 * minute;
const findMessages = "POST /chat/findMessages/:instanceName";

let stage: WatchStage;
beforeEach(async () => {
  stage = await createWatchStage();
});
afterEach(() => stage.close());

async function isDone(watch: NumberWatch, name: string): Promise<boolean> {
  const { id } = await stage.instance(name);
  const { reconcile } = await watch.health(scope, id);
  return reconcile?.status === "done" && reconcile.complete;
}

describe("comparing numbers with their provider", () => {
  it("takes two numbers of a server at a time, and each number once", async () => {
    const names = ["a", "b", "c", "d", "e"];
    const evolution = await stage.evolution(names);
    const watch = await stage.watch();
    evolution.trouble.setLatency(30);
    const ids = await Promise.all(names.map(async (name) => (await stage.instance(name)).id));
    await Promise.all([...ids, ...ids].map((id) => watch.reconcile(scope, id)));
    const states = await Promise.all(
      ids.map(async (id) => (await watch.health(scope, id)).reconcile?.status),
    );
    expect(states.filter((status) => status === "running").length).toBeLessThanOrEqual(2);
    for (const name of names) await stage.forwardUntil(() => isDone(watch, name), hour);
    // What was asked for while a run was under way is one more run, not one per request.
    expect(evolution.calls.count(findMessages)).toBeLessThanOrEqual(2 * names.length);
  });

  it("goes on where a failing server cut it short, and ends with everything, once and in order", async () => {
    const evolution = await stage.evolution(["loja"]);
    const watch = await stage.watch();
    const { id } = await stage.instance("loja");
    await stage.forwardUntil(() => isDone(watch, "loja"), hour);
    const since = stage.clock.now();
    evolution.trouble.lose(100_000, "loja");
    for (let index = 0; index < 620; index++) {
      stage.clock.forward(1_000);
      await evolution.receive("loja", { phone: "5511911111111", text: `${index}` });
    }
    let lift: (() => void) | undefined;
    stage.writer.subscribe(() => {
      lift ??= evolution.trouble.fail({
        routes: findMessages,
        answer: { status: 500, body: { status: 500, error: "Internal Server Error" } },
      });
    });
    await watch.reconcile(scope, id, since);
    await stage.forwardUntil(async () => {
      const { reconcile } = await watch.health(scope, id);
      return reconcile?.status === "failed" && reconcile.reached > since;
    }, hour);
    expect((await watch.health(scope, id)).reconcile?.error).toBe("provider_failed");
    lift?.();
    await stage.forwardUntil(() => isDone(watch, "loja"), 2 * hour);
    const texts = (await stage.events("message.received")).map(
      ({ data }) => (data as { content: { text: string } }).content.text,
    );
    expect(texts).toEqual(Array.from({ length: 620 }, (_, index) => `${index}`));
  });

  it("says why it failed when the key is refused, and does not ask again by itself", async () => {
    const evolution = await stage.evolution(["loja"]);
    const watch = await stage.watch({ probeEveryMs: 100 * hour });
    const { id } = await stage.instance("loja");
    evolution.trouble.setApikey("another-key");
    await watch.reconcile(scope, id);
    await stage.forwardUntil(
      async () => (await watch.health(scope, id)).reconcile?.status === "failed",
      hour,
    );
    expect((await watch.health(scope, id)).reconcile?.error).toBe("unauthorised");
    const asked = evolution.calls.count(findMessages);
    const end = stage.clock.now() + hour;
    await stage.forwardUntil(() => stage.clock.now() >= end, 2 * hour);
    expect(evolution.calls.count(findMessages)).toBe(asked);
  });

  it("that was under way when the program ended is gone on with after the next start", async () => {
    const evolution = await stage.evolution(["loja"]);
    const first = await stage.watch();
    const { id } = await stage.instance("loja");
    await evolution.phone.open("loja");
    await stage.forwardUntil(() => first.stateOf(id) === "open", minute);
    evolution.trouble.lose(100_000, "loja");
    for (let index = 0; index < 250; index++) {
      stage.clock.forward(1_000);
      await evolution.receive("loja", { phone: "5511911111111", text: `${index}` });
    }
    await first.reconcile(scope, id);
    await stage.stop();
    const watch = await stage.watch();
    await stage.forwardUntil(() => isDone(watch, "loja"), hour);
    expect(await stage.events("message.received")).toHaveLength(250);
  });
});
