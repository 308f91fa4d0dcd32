import { expect, test } from "vitest";
import { hookStep, readHookRecord } from "./hook-step.ts";

test("the webhook is taken out only while the socket carries the instance", () => {
  expect(hookStep("socket", undefined, false)).toBeUndefined();
  expect(hookStep("socket", undefined, true)).toBe("remove");
  expect(hookStep("socket", "removed", true)).toBeUndefined();
});

test("a webhook that is out comes back for every other way, whether the socket is there or not", () => {
  for (const source of ["webhook", "both"] as const) {
    for (const isCovered of [true, false]) {
      expect(hookStep(source, "removed", isCovered)).toBe("install");
      expect(hookStep(source, undefined, isCovered)).toBeUndefined();
    }
  }
});

test("a removal that was cut short is done again, or undone", () => {
  expect(hookStep("socket", "removing", true)).toBe("remove");
  expect(hookStep("socket", "removing", false)).toBeUndefined();
  expect(hookStep("webhook", "removing", false)).toBe("install");
  expect(readHookRecord({ hook: "removed" })).toBe("removed");
  for (const value of [{}, { hook: 1 }, { hook: "later versions say more" }])
    expect(readHookRecord(value)).toBe("removing");
});
