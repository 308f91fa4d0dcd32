import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Outcome } from "../sending/attempt.ts";
import {
  evolutionDelay,
  evolutionNext,
  evolutionRetries,
  type EvolutionRetry,
} from "./evolution-retry.ts";

const answered = (status: number): Outcome => ({
  kind: "answered",
  status,
  method: "POST",
  redirects: 0,
});
const failed: Outcome = { kind: "failed", reason: "network", detail: "ECONNRESET" };
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function waits(retry: EvolutionRetry, outcome: Outcome, random: number): number[] {
  const found: number[] = [];
  for (let made = 1; ; made += 1) {
    const next = evolutionNext(retry, made, outcome, random);
    if (next.kind !== "retry") return found;
    found.push(next.waitMs);
  }
}

test("2.3 waits 5, 10, 20 … 300 s between ten attempts", () => {
  const plain = [5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1_000);
  expect(waits(evolutionRetries["2.3"], answered(503), 0.5)).toEqual(plain);
});

test("jitter stays within a fifth and never goes below the first delay", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), anyRandom, (made, random) => {
      const plainMs = Math.min(5_000 * 2 ** (made - 1), 300_000);
      const waitMs = evolutionDelay(evolutionRetries["2.3"], made, random);
      expect(waitMs).toBeGreaterThanOrEqual(Math.max(5_000, plainMs * 0.8));
      expect(waitMs).toBeLessThanOrEqual(plainMs * 1.2);
    }),
  );
});

test("2.2 repeats every 30 s whatever the answer; version 1 never repeats", () => {
  for (const outcome of [answered(404), answered(500), failed]) {
    expect(waits(evolutionRetries["2.2"], outcome, 0.9)).toEqual(Array(9).fill(30_000));
    expect(waits(evolutionRetries["1"], outcome, 0.9)).toEqual([]);
  }
});

test("only the five final statuses end the retries of 2.3 at once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), (status) => {
      const { kind } = evolutionNext(evolutionRetries["2.3"], 1, answered(status), 0.5);
      const expected =
        status < 300 ? "delivered" : [400, 401, 403, 404, 422].includes(status) ? "lost" : "retry";
      expect(kind).toBe(expected);
    }),
  );
});

// A real 2.3 server with WEBHOOK_RETRY_MAX_ATTEMPTS=4, first delay 1 s, longest 3 s, time-out 1.5 s.
const recording = JSON.parse(
  readFileSync(new URL("./recorded/retry-fast.json", import.meta.url), "utf8"),
) as {
  results: Record<string, { attempts: number; at_ms: number[] }>;
};
const fast: EvolutionRetry = {
  ...evolutionRetries["2.3"],
  attempts: 4,
  firstDelayMs: 1_000,
  longestDelayMs: 3_000,
  timeoutMs: 1_500,
};

test.each(Object.entries(recording.results))(
  "the recorded timeline of %s fits the schedule",
  (name, { attempts, at_ms: at }) => {
    const status = Number(/^s(\d+)$/.exec(name)?.[1]);
    const outcomes = at.map((_, index): Outcome => {
      if (name === "flaky") return answered(index < 2 ? 500 : 200);
      // The redirect was followed by a GET that got 200.
      if (status === 302) return answered(200);
      return Number.isNaN(status) ? failed : answered(status);
    });
    const spentMs = name === "hang" ? 1_500 : 0;
    outcomes.forEach((outcome, index) => {
      const [least, most] = [0, 1 - Number.EPSILON].map((random) =>
        evolutionNext(fast, index + 1, outcome, random),
      );
      if (index === attempts - 1) return expect(most?.kind).not.toBe("retry");
      if (least?.kind !== "retry" || most?.kind !== "retry")
        throw new Error("the recording went on");
      const gapMs = (at[index + 1] ?? 0) - (at[index] ?? 0);
      // A recorded gap holds the wait plus the machine's own delays.
      expect(gapMs).toBeGreaterThanOrEqual(least.waitMs + spentMs);
      expect(gapMs).toBeLessThan(most.waitMs + spentMs + 200);
    });
  },
);
