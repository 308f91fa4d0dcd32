import { describe, expect, it } from "vitest";
import type { LiveEvent } from "../log/live.ts";
import { shouldCollect } from "./batch-policy.ts";
import { Batcher } from "./batcher.ts";
import { message } from "./testing/live-event.ts";
import { ManualClock } from "./testing/manual-clock.ts";

function batcher(utilisation: () => number): {
  readonly clock: ManualClock;
  readonly batcher: Batcher<LiveEvent>;
  readonly batches: number[][];
} {
  const clock = new ManualClock();
  const batches: number[][] = [];
  return {
    clock,
    batches,
    batcher: new Batcher({
      clock,
      utilisation,
      windowMs: 20,
      batchEvents: 5,
      batchCharacters: 1_000_000,
      charactersOf: (live: LiveEvent) => live.stored.json.length,
      handOver: (events) => batches.push(events.map((one) => one.stored.offset)),
    }),
  };
}

const event = (offset: number): ReturnType<typeof message> => message("x", { offset });

describe("the policy", () => {
  it("begins above 0.8, ends below 0.7, and changes nothing between", () => {
    expect(shouldCollect(false, 0.8)).toBe(false);
    expect(shouldCollect(false, 0.81)).toBe(true);
    expect(shouldCollect(true, 0.75)).toBe(true);
    expect(shouldCollect(false, 0.75)).toBe(false);
    expect(shouldCollect(true, 0.69)).toBe(false);
  });
});

it("an idle process hands over at once, also a burst", () => {
  const { batcher: idle, batches } = batcher(() => 0.2);
  idle.add([event(1), event(2)]);
  idle.add([event(3)]);
  expect(batches).toEqual([[1, 2], [3]]);
  expect(idle.windowMs).toBe(0);
});

it("a busy process collects up to its window, in order", () => {
  const { batcher: busy, clock, batches } = batcher(() => 0.95);
  clock.forward(100);
  busy.add([event(1)]);
  clock.forward(10);
  busy.add([event(2)]);
  expect(batches).toEqual([]);
  expect(busy.waitingEvents).toBe(2);
  clock.forward(10);
  expect(batches).toEqual([[1, 2]]);
  expect(busy.windowMs).toBe(20);
});

it("load over less than the sample time does not open the window", () => {
  const { batcher: fresh, clock, batches } = batcher(() => 1);
  clock.forward(99);
  fresh.add([event(1)]);
  expect(batches).toEqual([[1]]);
});

it("a full batch does not wait for its window", () => {
  const { batcher: busy, clock, batches } = batcher(() => 1);
  clock.forward(100);
  busy.add([1, 2, 3, 4, 5, 6, 7].map(event));
  expect(batches).toEqual([[1, 2, 3, 4, 5]]);
  clock.forward(20);
  expect(batches).toEqual([
    [1, 2, 3, 4, 5],
    [6, 7],
  ]);
});

it("when the load ends, what waits goes out with the next event, and the timer does nothing more", () => {
  let load = 1;
  const { batcher: eased, clock, batches } = batcher(() => load);
  clock.forward(100);
  eased.add([event(1)]);
  load = 0.1;
  clock.forward(0);
  expect(batches).toEqual([]);
  clock.forward(19);
  clock.forward(81);
  eased.add([event(2)]);
  expect(batches).toEqual([[1], [2]]);
  clock.forward(100);
  expect(batches).toHaveLength(2);
});

it("draining hands over what waits", () => {
  const { batcher: busy, clock, batches } = batcher(() => 1);
  clock.forward(100);
  busy.add([event(1)]);
  busy.drain();
  busy.drain();
  expect(batches).toEqual([[1]]);
  clock.forward(50);
  expect(batches).toHaveLength(1);
});
