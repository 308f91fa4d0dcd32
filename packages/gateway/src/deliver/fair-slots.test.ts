import { describe, expect, test } from "vitest";
import { FairSlots, type Taker } from "./fair-slots.ts";

/** A taker with a number of jobs that end when the test says so. */
class ScriptedTaker implements Taker {
  readonly running: (() => void)[] = [];
  readonly failing: boolean;
  #left: number;

  constructor(jobs: number, failing = false) {
    this.#left = jobs;
    this.failing = failing;
  }

  next(): (() => Promise<void>) | undefined {
    if (this.#left === 0) return undefined;
    this.#left -= 1;
    return () => new Promise((end) => this.running.push(end));
  }
}

/** Lets everything that is already decided happen. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("slots", () => {
  test("are never exceeded", async () => {
    const slots = new FairSlots(3);
    const taker = new ScriptedTaker(10);
    slots.offer(taker);
    expect(taker.running).toHaveLength(3);
    taker.running.shift()?.();
    await settled();
    expect(taker.running).toHaveLength(3);
    expect(slots.inFlight).toBe(3);
  });

  test("are given in turns", () => {
    const slots = new FairSlots(4);
    const [long, short] = [new ScriptedTaker(10), new ScriptedTaker(1)];
    const filler = new ScriptedTaker(4);
    slots.offer(filler);
    slots.offer(long);
    slots.offer(short);
    for (const end of filler.running) end();
    return settled().then(() => expect(short.running).toHaveLength(1));
  });

  test("go at most by half to failing destinations, and come back to them when one ends", async () => {
    const slots = new FairSlots(4);
    const failing = [1, 2, 3].map(() => new ScriptedTaker(1, true));
    for (const taker of failing) slots.offer(taker);
    expect(failing.map(({ running }) => running.length)).toEqual([1, 1, 0]);
    const healthy = new ScriptedTaker(2);
    slots.offer(healthy);
    expect(healthy.running).toHaveLength(2);
    failing[0]?.running[0]?.();
    await settled();
    expect(failing[2]?.running).toHaveLength(1);
  });

  test("begin nothing after closing, which waits for what is under way", async () => {
    const slots = new FairSlots(2);
    const taker = new ScriptedTaker(3);
    slots.offer(taker);
    let closed = false;
    const closing = slots.close().then(() => (closed = true));
    taker.running[0]?.();
    await settled();
    expect(closed).toBe(false);
    taker.running[1]?.();
    await closing;
    expect(taker.running).toHaveLength(2);
  });
});
