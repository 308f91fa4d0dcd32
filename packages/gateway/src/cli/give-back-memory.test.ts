import { getHeapSpaceStatistics } from "node:v8";
import { expect, it } from "vitest";
import { giveBackMemory } from "./give-back-memory.ts";

function youngSpaceBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  if (!space) throw new Error("V8 has no space of this name any more");
  return space.space_size;
}

it("the space for young objects is small again, however large a burst has made it", () => {
  let kept: object[] = [];
  for (let n = 0; n < 600_000; n += 1) {
    kept.push({ n });
    if (kept.length === 100_000) kept = [];
  }
  const before = youngSpaceBytes();
  giveBackMemory();
  expect(youngSpaceBytes()).toBeLessThanOrEqual(before / 2);
  expect(globalThis.gc).toBeUndefined();
});
