import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { JsonObject } from "../contract.ts";
import { contextFor } from "../testing/provider-suite.ts";
import { evolution } from "./index.ts";

interface Pair {
  readonly webhook: JsonObject;
  /** The same emission on `/`, and on the instance's own namespace. */
  readonly frames: readonly JsonObject[];
}

const { pairs } = JSON.parse(
  readFileSync(new URL("recorded/socket-pairs.json", import.meta.url), "utf8"),
) as { readonly pairs: readonly Pair[] };

function keys(body: JsonObject): readonly string[] {
  return evolution.normalise(body, contextFor(body)).map(({ identity }) => identity.key);
}

it.each(pairs.map((pair) => [String(pair.webhook["event"]), pair] as const))(
  "a recorded %s is one event over webhook and socket",
  (_event, { webhook, frames }) => {
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames) {
      expect(JSON.stringify(frame)).not.toBe(JSON.stringify(webhook));
      expect(keys(frame)).toEqual(keys(webhook));
    }
  },
);

it("recorded emissions stay apart from each other", () => {
  const own = pairs.map(({ webhook }) => keys(webhook).join());
  expect(new Set(own).size).toBe(own.length);
});
