import { answer, inOrder } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SettableClock } from "../base/testing/settable-clock.ts";
import { createStage, type Stage } from "./testing/delivery-stage.ts";

const hour = 3_600_000;
const day = 24 * hour;
const schedule = [60_000, hour];
/** The schedule's jitter included. */
const firstWaitMs = 72_000;

let stage: Stage;
let clock: SettableClock;
beforeEach(async () => {
  stage = await createStage();
  clock = new SettableClock(Date.now());
});
afterEach(() => stage.close());

describe("a machine's clock that is set", () => {
  test.each([-400 * day, -hour, hour, 400 * day])(
    "by %d ms neither hurries a retry nor holds it up",
    async (jump) => {
      const receiver = await stage.receiver(inOrder(answer(500), answer(200), answer(200)));
      await stage.endpoint(receiver.url, { ordering: "none" });
      const deliverer = await stage.start({ clock, schedule });
      await stage.append([{}]);
      await stage.until(([one]) => one?.totalAttempts === 1);
      clock.set(clock.now() + jump);
      clock.pass(59_000);
      await stage.append([{}]);
      await stage.until((all) => all.some(({ status }) => status === "succeeded"));
      expect(receiver.received).toBe(2);
      clock.pass(firstWaitMs);
      await stage.until((all) => all.every(({ status }) => status === "succeeded"));
      expect(receiver.received).toBe(3);
      await deliverer.stop();
    },
  );

  test("back while nothing ran does not hold up what was due for as long", async () => {
    const receiver = await stage.receiver(inOrder(answer(500), answer(200), answer(200)));
    await stage.endpoint(receiver.url);
    const first = await stage.start({ clock, schedule });
    await stage.append([{}]);
    await stage.until(([one]) => one?.totalAttempts === 1);
    await first.stop();
    clock.set(clock.now() - 400 * day);
    await stage.start({ clock, schedule });
    await stage.until((all) => all.every(({ status }) => status === "succeeded"));
    expect(receiver.received).toBe(2);
  });
});
