import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReconcileReport } from "./reconcile-record.ts";
import { longestSpanMs, nextPage, overlapMs, pageLimit, spanOf } from "./span.ts";

const now = Date.UTC(2026, 2, 2, 10);
const minute = 60_000;
const createdAt = now - 90 * 86_400_000;

const report: ReconcileReport = {
  trigger: "started",
  status: "done",
  since: now - 600 * minute,
  until: now - 500 * minute,
  reached: now - 500 * minute,
  startedAt: now,
  lookedAt: 1,
  added: 0,
  refused: 0,
  complete: true,
};

describe("the span that is compared", () => {
  it("begins before the gap, whatever came after it", () => {
    const facts = { now, createdAt, gapFrom: now - 40 * minute, newestMessageAt: now - minute };
    expect(spanOf(facts)).toEqual({ since: now - 40 * minute - overlapMs, until: now });
  });

  it("goes on from a run that was cut short, and not from one that ended", () => {
    const base = { now, createdAt, newestMessageAt: now - minute };
    expect(spanOf({ ...base, last: report }).since).toBe(now - minute - overlapMs);
    for (const change of [
      { status: "failed" },
      { status: "running" },
      { complete: false },
    ] as const)
      expect(spanOf({ ...base, last: { ...report, ...change } }).since).toBe(
        now - 500 * minute - overlapMs,
      );
  });

  it("is what a person says, never from before the instance or a week ago", () => {
    expect(spanOf({ now, createdAt, since: now - 2 * minute }).since).toBe(now - 2 * minute);
    expect(spanOf({ now, createdAt, since: 0 }).since).toBe(now - longestSpanMs);
    expect(spanOf({ now, createdAt: now - minute, since: 0 }).since).toBe(now - minute);
  });

  it("is never empty the wrong way round", () => {
    const moment = fc.option(fc.integer({ min: 0, max: now + 86_400_000 }), { nil: undefined });
    fc.assert(
      fc.property(moment, moment, moment, (gapFrom, newestMessageAt, since) => {
        const span = spanOf({ now, createdAt, gapFrom, newestMessageAt, since });
        expect(span.since).toBeLessThanOrEqual(span.until);
        expect(span.since).toBeGreaterThanOrEqual(now - longestSpanMs);
      }),
    );
  });
});

describe("the page behind a page", () => {
  it("begins in the second in which the last one ended", () => {
    const next = nextPage({ since: now, limit: pageLimit, newest: now + 5_000 });
    expect(next).toEqual({ since: now + 5_000, limit: pageLimit });
  });

  it("grows for a second with more messages than a page, and always moves on", () => {
    let page = { since: now, limit: pageLimit };
    const sizes: number[] = [];
    while (page.since === now) {
      page = nextPage({ ...page, newest: now });
      sizes.push(page.limit);
      expect(sizes.length).toBeLessThan(10);
    }
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(3_200);
    expect(page.since).toBe(now + 1_000);
  });
});
