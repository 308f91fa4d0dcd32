import { describe, expect, it } from "vitest";
import { eventPath } from "./request-fields.ts";

describe("the path behind a webhook's address", () => {
  it("is taken without its slashes", () => {
    expect(eventPath("messages-upsert")).toBe("messages-upsert");
    expect(eventPath("//messages-upsert//")).toBe("messages-upsert");
    expect(["", "/", undefined].map(eventPath)).toEqual([undefined, undefined, undefined]);
  });

  it("is no path of a provider's when it is endless, and costs nothing then", () => {
    expect(eventPath(`a${"/".repeat(5_000_000)}b`)).toBeUndefined();
  });
});
