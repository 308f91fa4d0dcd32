import { describe, expect, test } from "vitest";
import { createLogger } from "../../../base/logger.ts";
import { SettableClock } from "../../../base/testing/settable-clock.ts";
import { DiskWatch, isLowSpace } from "./disk-watch.ts";
import { StoreCondition } from "./store-condition.ts";

function keepingLogger() {
  const lines: { readonly level: number; readonly msg: string; readonly refused?: number }[] = [];
  const logger = createLogger("info", { write: (line: string) => lines.push(JSON.parse(line)) });
  return { lines, logger };
}

describe("the store's condition", () => {
  test("I2 is told once when refusing begins and once when it ends, however much is refused", () => {
    const { lines, logger } = keepingLogger();
    const condition = new StoreCondition(new SettableClock(), logger);
    for (let round = 0; round < 100; round += 1) {
      condition.refuse(round < 50 ? "the disk is full" : "other", new Error("full"));
      condition.countRefused(3);
    }
    expect(condition.health(undefined)).toMatchObject({ state: "refusing", reason: "other" });
    condition.recover();
    condition.recover();
    expect(lines).toMatchObject([{ level: 50 }, { level: 30, refused: 300 }]);
    expect(condition.health(undefined)).toMatchObject({ state: "well", refusedWrites: 300 });
    expect(condition.health(undefined)).not.toHaveProperty("reason");
  });

  test("I1 a failure is final and keeps its first reason", () => {
    const { lines, logger } = keepingLogger();
    const condition = new StoreCondition(new SettableClock(), logger);
    condition.refuse("the disk is full", new Error("full"));
    condition.fail("a sync failed", new Error("EIO"));
    condition.fail("something else", new Error("EIO"));
    condition.recover();
    condition.refuse("the disk is full", new Error("full"));
    expect(condition.health(undefined)).toMatchObject({ state: "failed", reason: "a sync failed" });
    expect(lines.map(({ level }) => level)).toEqual([50, 60]);
  });
});

const gigabyte = 1024 ** 3;

describe("free space", () => {
  test.each([
    [2 * gigabyte, 100 * gigabyte, false, false],
    [gigabyte - 1, 100 * gigabyte, false, true],
    [1.2 * gigabyte, 100 * gigabyte, true, true],
    [1.3 * gigabyte, 100 * gigabyte, true, false],
    [0.2 * gigabyte, gigabyte, false, false],
    [0.09 * gigabyte, gigabyte, false, true],
  ])("%d of %d bytes, low before: %s, counts as low: %s", (freeBytes, totalBytes, was, is) => {
    expect(isLowSpace({ freeBytes, totalBytes }, was)).toBe(is);
  });

  test("that runs low is warned of once, and so is its end; where nobody tells there is none", async () => {
    const { lines, logger } = keepingLogger();
    const clock = new SettableClock();
    const readings = [5, 0.5, 0.4, undefined, 0.4, 5, 5];
    let looks = 0;
    const began = clock.nextTimer();
    const watch = new DiskWatch({
      directory: "/",
      clock,
      logger,
      everyMs: 1_000,
      looked: () => (looks += 1),
      read() {
        const free = readings[looks];
        if (free === undefined) return Promise.reject(new Error("ENOSYS"));
        return Promise.resolve({ freeBytes: free * gigabyte, totalBytes: 100 * gigabyte });
      },
    });
    await began;
    const seen = [watch.latest?.isLow];
    while (looks < readings.length) {
      const next = clock.nextTimer();
      clock.pass(1_000);
      await next;
      seen.push(watch.latest?.isLow);
    }
    watch.stop();
    expect(seen).toEqual([false, true, true, undefined, true, false, false]);
    // A look that failed changes nothing of what was told.
    expect(lines.map(({ level }) => level)).toEqual([40, 30]);
  });
});
