import { afterEach, beforeEach, expect, it } from "vitest";
import { busyRhythm } from "./testing/busy-rhythm.ts";
import { createWatchStage, scope, type WatchStage } from "./testing/watch-stage.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let stage: WatchStage;
beforeEach(async () => {
  stage = await createWatchStage();
});
afterEach(() => stage.close());

it.each([-400 * day, -3 * hour, 3 * hour, 400 * day])(
  "a clock that is set by %d ms is no silence, and numbers are looked after as before",
  async (setBy) => {
    const evolution = await stage.evolution(["loja"]);
    const { id } = await stage.instance("loja");
    await stage.store.records.put(scope, "number_rhythm", id, { ...busyRhythm(30) });
    await stage.store.records.put(scope, "number", id, {});
    const watch = await stage.watch();
    await evolution.receive("loja", { phone: "5511911111111", text: "before" });
    await stage.forwardUntil(() => watch.stateOf(id) === "open", minute);
    stage.clock.setBy(setBy);
    const until = stage.clock.monotonic() + 10 * minute;
    await stage.forwardUntil(() => stage.clock.monotonic() >= until, 11 * minute);
    const { incident, reconcile, silence } = await watch.health(scope, id);
    expect([incident, silence.level]).toEqual([undefined, "usual"]);
    expect(reconcile?.trigger).not.toBe("silent");
    evolution.trouble.lose(20, "loja");
    await evolution.phone.ban("loja");
    await stage.forwardUntil(() => watch.stateOf(id) === "close", 5 * minute);
  },
);
