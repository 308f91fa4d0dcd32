import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import { createFrameLine, type FrameLineOptions, type QueuedFrame } from "./frame-line.ts";

/** Every wait is over at once, in turns of the event loop. */
const hurried: Clock = {
  ...systemClock,
  after(_ms, run) {
    const timer = setImmediate(run);
    return () => clearImmediate(timer);
  },
};

function stage(options: Partial<FrameLineOptions> = {}) {
  const through: string[] = [];
  const dropped: string[] = [];
  const refused: unknown[] = [];
  let held: Promise<void> = Promise.resolve();
  let release: () => void = () => undefined;
  const line = createFrameLine({
    clock: hurried,
    onDropped: (key) => dropped.push(key),
    onRefused: (_key, error) => refused.push(error),
    ...options,
  });
  return {
    line,
    through,
    dropped,
    refused,
    /** The door stands still until it is opened. */
    hold() {
      held = new Promise((resolve) => (release = resolve));
    },
    open: () => release(),
    frame(name: string, bytes = 1, fail: () => Error | undefined = () => undefined): QueuedFrame {
      return {
        bytes,
        async receive() {
          await held;
          await new Promise((turn) => setImmediate(turn));
          const error = fail();
          if (error) throw error;
          through.push(name);
        },
      };
    },
  };
}

/** Long enough that nothing is given up. */
const patient = { ...hurried, after: systemClock.after };

describe("frames", () => {
  const keys = ["a", "b", "c"] as const;

  async function through(failures: readonly number[]) {
    const { line, through: stored, frame } = stage();
    const expected: Record<string, string[]> = { a: [], b: [], c: [] };
    for (const [index, failing] of failures.entries()) {
      const key = keys[index % keys.length] ?? "a";
      const name = `${key}${index}`;
      let left = failing;
      const fail = () => (left-- > 0 ? new RecadoError("store_unavailable") : undefined);
      expected[key]?.push(name);
      line.offer(key, frame(name, 1, fail));
    }
    while (keys.some((key) => line.counts(key).waiting > 0))
      await new Promise((turn) => setImmediate(turn));
    return { expected, stored: Map.groupBy(stored, (name) => name[0]) };
  }

  test("of one instance keep their order, also over a time in which the store takes none", async () => {
    for (const failing of [0, 1, 3]) {
      const { expected, stored } = await through(Array.from({ length: 600 }, () => failing));
      expect(Object.fromEntries(stored)).toEqual(expected);
    }
  });

  test("go through once each, whatever fails for a while", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 100 }), async (failures) => {
        const { expected, stored } = await through(failures);
        for (const key of keys)
          expect((stored.get(key) ?? []).toSorted()).toEqual(expected[key]?.toSorted());
      }),
    );
  });

  test("of another instance do not wait for one whose door stands still", async () => {
    const { line, through, frame } = stage();
    const stuck = { bytes: 1, receive: () => new Promise(() => undefined) };
    for (let n = 0; n < 100; n++) line.offer("a", stuck);
    line.offer("b", frame("b"));
    while (through.length === 0) await new Promise((turn) => setImmediate(turn));
    expect(through).toEqual(["b"]);
    expect(line.counts("a").waiting).toBe(100);
  });

  test("that the door refuses are counted and told, and the next go on", async () => {
    const { line, through, refused, frame } = stage({ clock: patient });
    line.offer(
      "a",
      frame("1", 1, () => new RecadoError("tenant_inactive")),
    );
    line.offer(
      "a",
      frame("2", 1, () => new TypeError("a mistake")),
    );
    line.offer("a", frame("3"));
    await line.close(60_000);
    expect(through).toEqual(["3"]);
    expect(refused).toHaveLength(2);
    expect(line.counts("a")).toEqual({ waiting: 0, dropped: 0, refused: 2 });
  });
});

describe("the line is bounded", () => {
  test("in frames per instance: the newest are dropped, counted, and told once when there is room", async () => {
    const limits = { framesPerKey: 4, bytes: 1_000 };
    const { line, through, dropped, frame, hold, open } = stage({ clock: patient, limits });
    hold();
    for (let n = 1; n <= 10; n++) line.offer("a", frame(`a${n}`));
    line.offer("b", frame("b1"));
    expect(line.counts("a")).toEqual({ waiting: 4, dropped: 6, refused: 0 });
    expect(dropped).toEqual([]);
    open();
    await line.close(60_000);
    expect(through.toSorted()).toEqual(["a1", "a2", "a3", "a4", "b1"]);
    expect(dropped).toEqual(["a"]);
  });

  test("in bytes of all instances together, which are given back", async () => {
    const limits = { framesPerKey: 100, bytes: 100 };
    const { line, frame, hold, open } = stage({ clock: patient, limits });
    hold();
    line.offer("a", frame("1", 60));
    line.offer("b", frame("2", 60));
    line.offer("b", frame("3", 40));
    expect(line.counts("b")).toMatchObject({ waiting: 1, dropped: 1 });
    open();
    await line.close(60_000);
    line.offer("b", frame("4", 100));
    expect(line.counts("b")).toMatchObject({ waiting: 1, dropped: 1 });
  });

  test("by thousands of frames, through a door that is slower than they come", async () => {
    const { line, through, frame } = stage({ clock: patient });
    const names = Array.from({ length: 2_500 }, (_, n) => String(n));
    for (const name of names) line.offer("a", frame(name));
    await line.close(60_000);
    expect(through).toEqual(names);
  });
});

test("at the end what the store does not take is dropped and counted", async () => {
  const { line, through, frame } = stage();
  const down = () => new RecadoError("store_unavailable");
  line.offer("a", frame("1", 1, down));
  line.offer("a", frame("2", 1, down));
  await line.close(1);
  expect(through).toEqual([]);
  expect(line.counts("a")).toEqual({ waiting: 0, dropped: 2, refused: 0 });
});
