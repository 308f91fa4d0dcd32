import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Outcome } from "../sending/attempt.ts";
import { retryAfterMs, wahaDelay, wahaNext, type WahaRetries } from "./waha-retry.ts";

const now = Date.parse("2026-11-24T09:00:00Z");

function answered(status: number, retryAfter?: string): Outcome {
  return {
    kind: "answered",
    status,
    method: "POST",
    redirects: 0,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

interface RecordedAttempt {
  readonly t_ms: number;
  readonly answered: number | "never";
}
interface RecordedDelivery {
  readonly receiver: string;
  readonly config: WahaRetries | null;
  readonly attempts: readonly RecordedAttempt[];
}
const recording = JSON.parse(
  readFileSync(new URL("./recorded/delivery.json", import.meta.url), "utf8"),
) as {
  deliveries: RecordedDelivery[];
};

/** What WAHA's client saw: it followed the redirects, and both targets answered 200. */
function seen(receiver: string, attempt: RecordedAttempt): Outcome | "silence" {
  if (attempt.answered === "never") return "silence";
  if (attempt.answered === 301 || attempt.answered === 307) return answered(200);
  return answered(attempt.answered, receiver.startsWith("ra/") ? "7" : undefined);
}

test.each(recording.deliveries.map((delivery) => [delivery.receiver, delivery] as const))(
  "the recorded timeline of %s fits the schedule",
  (receiver, { config, attempts }) => {
    attempts.forEach((attempt, index) => {
      const outcome = seen(receiver, attempt);
      // Without a client time-out silence decides nothing: the recording ends with the request open.
      if (outcome === "silence") return expect(attempts).toHaveLength(1);
      const [least, most] = [0, 1].map((random) =>
        wahaNext(config ?? {}, index + 1, outcome, random, now),
      );
      const following = attempts[index + 1];
      if (!following)
        return expect(most?.kind).toBe(
          outcome.kind === "answered" && outcome.status < 300 ? "delivered" : "lost",
        );
      if (least?.kind !== "retry" || most?.kind !== "retry")
        throw new Error("the recording went on");
      const gapMs = following.t_ms - attempt.t_ms;
      expect(gapMs).toBeGreaterThanOrEqual(least.waitMs);
      expect(gapMs).toBeLessThan(most.waitMs + 100);
    });
  },
);

test("nothing but a 2xx delivers, and the default is fifteen repetitions two seconds apart", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 599 }),
      fc.integer({ min: 1, max: 30 }),
      (status, made) => {
        const next = wahaNext({}, made, answered(status), 0.5, now);
        if (status >= 200 && status < 300) expect(next).toEqual({ kind: "delivered" });
        else if (made <= 15) expect(next).toEqual({ kind: "retry", waitMs: 2_000 });
        else expect(next).toEqual({ kind: "lost", reason: "exhausted" });
      },
    ),
  );
});

test("a longer Retry-After wins over every policy, a shorter one over none", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("constant", "linear", "exponential"),
      fc.integer({ min: 1, max: 6 }),
      (policy, made) => {
        const own = wahaDelay({ policy, delaySeconds: 1 }, made, 0);
        expect(wahaDelay({ policy, delaySeconds: 1 }, made, 0, own + 5_000)).toBe(own + 5_000);
        expect(wahaDelay({ policy, delaySeconds: 1 }, made, 0, own / 2)).toBe(own);
      },
    ),
  );
});

test("Retry-After is read as seconds or as a date, and anything else is no wait", () => {
  expect(retryAfterMs("7", now)).toBe(7_000);
  expect(retryAfterMs("Tue, 24 Nov 2026 09:00:30 GMT", now)).toBe(30_000);
  expect(retryAfterMs("Tue, 24 Nov 2026 08:00:00 GMT", now)).toBe(0);
  for (const nothing of [undefined, "", "0", "soon"]) expect(retryAfterMs(nothing, now)).toBe(0);
});
