import { expect, test } from "vitest";
import { LatestUsed } from "./latest-used.ts";

test("what was used longest ago goes first, and what is kept is made once", () => {
  const made: string[] = [];
  const kept = new LatestUsed<string>(2);
  const get = (key: string): string =>
    kept.get(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  expect(["a", "b", "a", "c", "a", "b"].map(get)).toEqual(["A", "B", "A", "C", "A", "B"]);
  expect(made).toEqual(["a", "b", "c", "b"]);
  expect([...kept.values()]).toEqual(["A", "B"]);
});
