import fc from "fast-check";
import { expect, test } from "vitest";
import { TrustedTime } from "./trusted-time.ts";

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 2, 2);

/** A wall clock that is `aheadMs` ahead, asked every hour; answers how far ahead what is believed was. */
function believed(aheads: readonly number[], known?: number): readonly number[] {
  const time = new TrustedTime(start, 0, known);
  return aheads.map((aheadMs, index) => {
    const right = start + index * hour;
    return time.at(right + aheadMs, index * hour) - right;
  });
}

const hours = (count: number, aheadMs: number) => Array.from({ length: count }, () => aheadMs);

test("a leap is believed after a day, one that is set right never", () => {
  const year = 365 * day;
  expect(believed([0, ...hours(24, year)])).toEqual(hours(25, 0));
  expect(believed([0, ...hours(25, year)]).at(-1)).toBe(year);
  expect(believed([0, ...hours(23, year), ...hours(48, 0)])).toEqual(hours(72, 0));
});

test("a start long after the newest event is doubted for a day, a leap within it for a day of its own", () => {
  const known = start - 10 * day;
  const answers = believed([...hours(12, 0), ...hours(24, 50 * day), 50 * day], known);
  expect(answers.slice(0, 24)).toEqual(hours(24, -10 * day));
  expect(answers.slice(24, 36)).toEqual(hours(12, 0));
  expect(answers.at(-1)).toBe(50 * day);
});

test("a second leap has a day of its own, however long the first one stands", () => {
  const century = 36_500 * day;
  const answers = believed([0, ...hours(23, day), ...hours(24, century), century, century]);
  expect(answers.slice(0, 25)).toEqual(hours(25, 0));
  expect(answers.slice(25, 48)).toEqual(hours(23, day));
  expect(answers.slice(48)).toEqual(hours(2, century));
});

test("a machine that sleeps every night is believed a day later, day after day", () => {
  const aheads = Array.from({ length: 30 * 16 }, (_, index) => Math.floor(index / 16) * 8 * hour);
  for (const [index, answer] of believed(aheads).entries())
    expect((aheads[index] ?? 0) - answer).toBeLessThanOrEqual(16 * hour);
});

test("a leap that is set back in part stays doubted for what is left of it, and another is doubted anew", () => {
  const answers = believed([0, ...hours(4, 100 * day), ...hours(10, day), ...hours(12, 100 * day)]);
  expect(answers.slice(0, 25)).toEqual(hours(25, 0));
  expect(answers.slice(25)).toEqual([day, day]);
});

test("whatever a clock does, nothing is believed that it did not stand by for a day", () => {
  const ahead = fc.integer({ min: -400, max: 400 }).map((days) => days * day);
  const aheads = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 30 }), ahead), { maxLength: 12 })
    .map((runs) => runs.flatMap(([count, ms]) => hours(count, ms)));
  fc.assert(
    fc.property(aheads, (said) => {
      const all = [0, ...said];
      for (const [index, answer] of believed(all).entries()) {
        const lastDay = all.slice(Math.max(0, index - 24), index + 1);
        expect(answer).toBeLessThanOrEqual(Math.min(...lastDay));
      }
    }),
  );
});
