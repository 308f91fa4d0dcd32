import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "./random.ts";

test("the same seed gives the same numbers, another seed others", () => {
  fc.assert(
    fc.property(fc.integer(), fc.string(), (seed, label) => {
      const draw = (random = createRandom(seed).fork(label)): number[] =>
        Array.from({ length: 20 }, random.next);
      expect(draw()).toEqual(draw());
      expect(draw()).not.toEqual(draw(createRandom(seed + 1).fork(label)));
    }),
  );
});

test("a fork does not depend on what its parent drew before", () => {
  const used = createRandom(7);
  used.next();
  expect(used.fork("acks").next()).toBe(createRandom(7).fork("acks").next());
});

test("whole numbers stay inside their bounds and reach both", () => {
  const random = createRandom("bounds");
  const drawn = new Set(Array.from({ length: 500 }, () => random.integer(3, 6)));
  expect([...drawn].toSorted((left, right) => left - right)).toEqual([3, 4, 5, 6]);
});

test("nothing can be picked out of nothing", () => {
  expect(() => createRandom(1).pick([])).toThrow(RangeError);
});
