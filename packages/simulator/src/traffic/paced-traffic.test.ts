import { expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import { createRandom } from "../random.ts";
import { createCast } from "./cast.ts";
import type { Happening } from "./happening.ts";
import { type PacedOptions, startPacedTraffic } from "./paced-traffic.ts";
import { tellStory } from "./story.ts";

/** A clock that a test moves on by hand. */
function handClock(): Clock & { pass(ms: number): void } {
  let now = 0;
  let planned: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after(ms, run) {
      const entry = { at: now + ms, run };
      planned.push(entry);
      return () => {
        planned = planned.filter((other) => other !== entry);
      };
    },
    pass(ms) {
      const until = now + ms;
      for (;;) {
        const next = planned.toSorted((left, right) => left.at - right.at)[0];
        if (!next || next.at > until) break;
        planned = planned.filter((entry) => entry !== next);
        now = next.at;
        next.run();
      }
      now = until;
    },
  };
}

function setUp(options: Partial<PacedOptions> & Pick<PacedOptions, "perSecond">) {
  const clock = handClock();
  const happened: { name: string; happening: Happening }[] = [];
  const connected = new Set(["a", "b"]);
  const endings: (() => void)[] = [];
  const traffic = startPacedTraffic(
    ["a", "b"].map((name, index) => ({
      story: tellStory(createCast(index, name, createRandom(name)), createRandom(name), {}),
      isConnected: () => connected.has(name),
      perform(happening) {
        happened.push({ name, happening });
        return new Promise<void>((resolve) => endings.push(resolve));
      },
    })),
    { clock, ...options },
  );
  return { clock, happened, connected, traffic, endings };
}

test("the rate is kept, in turns, fast and slow", async () => {
  for (const perSecond of [0.5, 7, 1_000]) {
    const { clock, happened, traffic } = setUp({ perSecond, mostUnderWay: 100_000 });
    clock.pass(20_000);
    expect(Math.abs(happened.length - perSecond * 20)).toBeLessThanOrEqual(1 + perSecond * 0.02);
    const ofA = happened.filter(({ name }) => name === "a").length;
    expect(Math.abs(ofA - happened.length / 2)).toBeLessThanOrEqual(1);
    await traffic.stop();
    clock.pass(20_000);
    expect(traffic.performed).toBe(happened.length);
  }
});

test("a number that is not connected has no traffic, and its connection is nobody's but the scenario's", () => {
  const { clock, happened, connected } = setUp({ perSecond: 100, mostUnderWay: 100_000 });
  connected.delete("a");
  clock.pass(60_000);
  expect(new Set(happened.map(({ name }) => name))).toEqual(new Set(["b"]));
  const kinds = new Set(happened.map(({ happening }) => happening.kind));
  expect(kinds.has("message") && kinds.has("ack")).toBe(true);
  expect(kinds.has("connection") || kinds.has("qr")).toBe(false);
});

test("deliveries that pile up hold the traffic back, and it goes on when they end", async () => {
  let full = 0;
  const { clock, happened, endings } = setUp({
    perSecond: 100,
    mostUnderWay: 50,
    onFull: () => {
      full += 1;
    },
  });
  clock.pass(10_000);
  expect([happened.length, full]).toEqual([50, 1]);
  for (const end of endings) end();
  await new Promise(setImmediate);
  clock.pass(10_000);
  expect([happened.length, full]).toEqual([100, 2]);
});
