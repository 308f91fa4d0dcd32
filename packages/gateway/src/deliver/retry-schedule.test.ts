import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextAttemptAt, retryAfterMs, standardSchedule } from "./retry-schedule.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const day = 86_400_000;

test("the standard schedule makes ten attempts in 75.6 hours", () => {
  expect(standardSchedule).toHaveLength(9);
  const totalMs = standardSchedule.reduce((sum, wait) => sum + wait, 0);
  expect(totalMs / 3_600_000).toBeCloseTo(75.6, 1);
});

test("a retry is never early and at most a fifth late", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempts, random) => {
        const waitMs = standardSchedule[attempts - 1] ?? 0;
        const dueAt = nextAttemptAt({ attempts, now, random, schedule: standardSchedule }) ?? 0;
        return dueAt >= now + waitMs && dueAt <= now + waitMs * 1.2 + 1;
      },
    ),
  );
});

test("what fails together does not come back together", () => {
  const times = new Set<number | undefined>();
  for (let step = 0; step < 100; step += 1) {
    times.add(nextAttemptAt({ attempts: 2, now, random: step / 100, schedule: standardSchedule }));
  }
  expect(times.size).toBe(100);
});

test("after the last wait there is no further attempt", () => {
  expect(
    nextAttemptAt({ attempts: 10, now, random: 0, schedule: standardSchedule }),
  ).toBeUndefined();
});

describe("the receiver's hint", () => {
  test.each([
    ["120", 120_000],
    ["0", 0],
    [" 7 ", 7_000],
    ["999999999", day],
    ["Sun, 01 Mar 2026 12:00:30 GMT", 30_000],
    ["Sun, 01 Mar 2099 12:00:00 GMT", day],
  ])("%j asks for %i ms", (header, expected) => expect(retryAfterMs(header, now)).toBe(expected));

  test.each([
    "-5",
    "1e9",
    "1.5",
    "soon",
    "",
    "0x10",
    "Sun, 01 Mar 2026 11:00:00 GMT",
    "2026-03-02",
    "Sun, 99 Abc 2026 12:00:30 GMT",
    "9".repeat(16),
  ])("%j is ignored", (header) => expect(retryAfterMs(header, now)).toBeUndefined());

  test("makes a wait longer and never shorter", () => {
    const question = { attempts: 2, now, random: 0, schedule: standardSchedule };
    expect(nextAttemptAt({ ...question, hintMs: 1_000 })).toBe(now + 300_000);
    expect(nextAttemptAt({ ...question, hintMs: 600_000 })).toBe(now + 600_000);
  });
});
