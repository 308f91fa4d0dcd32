import { expect, test } from "vitest";
import { compressedClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import { createCast } from "./cast.ts";
import type { Happening } from "./happening.ts";
import { tellStory } from "./story.ts";
import { startTraffic } from "./traffic.ts";

const storyOf = (seed: number) =>
  tellStory(createCast(0, "Loja", createRandom(seed)), createRandom(seed));

test("a story is performed in its own order, and nothing happens after the stop", async () => {
  const seen: Happening[] = [];
  const enough = Promise.withResolvers<void>();
  const perform = (happening: Happening): void => {
    seen.push(happening);
    if (seen.length === 50) enough.resolve();
  };
  const traffic = startTraffic([{ story: storyOf(5), perform }], compressedClock(10_000));
  await enough.promise;
  await traffic.stop();
  const count = seen.length;
  expect(traffic.performed).toBe(count);
  const story = storyOf(5);
  expect(seen).toEqual(Array.from({ length: count }, () => story.next().value.happening));
});

test("a story that ends leaves the others running", async () => {
  const enough = Promise.withResolvers<void>();
  let count = 0;
  const endless = {
    story: storyOf(6),
    perform: () => void ((count += 1) === 20 && enough.resolve()),
  };
  const traffic = startTraffic(
    [{ story: [], perform: () => {} }, endless],
    compressedClock(10_000),
  );
  await enough.promise;
  await traffic.stop();
  expect(traffic.performed).toBe(count);
});
