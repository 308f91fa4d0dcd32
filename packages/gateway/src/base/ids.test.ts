import { afterEach, describe, expect, it, vi } from "vitest";
import { systemIds } from "./ids.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("ids", () => {
  it("sort in the order in which they were made, however the machine's clock is set meanwhile", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const hour = 3_600_000;
    const start = Date.UTC(2026, 2, 2, 10);
    const walls = [0, 0, 1, -hour, hour, -start, 0, 24 * hour, 23 * hour, 400 * 24 * hour, 2];
    const made = walls.flatMap((offset) => {
      vi.setSystemTime(start + offset);
      return [systemIds.next("evt"), systemIds.next("evt")];
    });
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });
});
