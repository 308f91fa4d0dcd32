import fc from "fast-check";
import { expect, test } from "vitest";
import { wholeSeconds } from "./whole-seconds.ts";

test("going on from the last one's time gives every message, and comes to an end", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (seconds, limit) => {
        const all = seconds
          .toSorted((one, other) => one - other)
          .map((second, id) => ({ id, sentAt: second * 1_000 }));
        const seen = new Set<number>();
        let since = 0;
        for (let rounds = 0; rounds <= all.length; rounds += 1) {
          const rest = all.filter(({ sentAt }) => sentAt >= since);
          const part = wholeSeconds(rest, limit, since);
          for (const { id } of part) seen.add(id);
          if (part.length === rest.length) break;
          expect(part.length).toBeGreaterThanOrEqual(Math.min(limit, rest.length));
          const newest = part.at(-1)?.sentAt ?? 0;
          expect(newest).toBeGreaterThan(since);
          since = newest;
        }
        expect(seen.size).toBe(all.length);
      },
    ),
  );
});
