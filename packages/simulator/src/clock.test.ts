import { expect, test } from "vitest";
import { type Clock, compressedClock, systemClock, waitFor } from "./clock.ts";

test("a compressed clock shortens waits and leaves the time of day alone", () => {
  const waits: number[] = [];
  const inner: Clock = {
    now: () => 1_795_512_187_471,
    after: (ms) => {
      waits.push(ms);
      return () => {};
    },
  };
  const clock = compressedClock(100, inner);
  clock.after(30_000, () => {});
  expect(waits).toEqual([300]);
  expect(clock.now()).toBe(1_795_512_187_471);
});

test("a clock cannot be compressed by nothing", () => {
  expect(() => compressedClock(0)).toThrow(RangeError);
  expect(() => compressedClock(Number.NaN)).toThrow(RangeError);
});

test("an abort ends a wait at once and says so", async () => {
  const stop = new AbortController();
  const waiting = waitFor(systemClock, 3_600_000, stop.signal);
  stop.abort();
  expect(await waiting).toBe(false);
  expect(await waitFor(systemClock, 3_600_000, stop.signal)).toBe(false);
  expect(await waitFor(systemClock, 1, new AbortController().signal)).toBe(true);
});
