import { describe, expect, it } from "vitest";
import { requestCredential } from "./request-credential.ts";

describe("the credential of a request", () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{ authorization: "Bearer abc" }, "abc"],
    [{ authorization: "bearer   abc " }, "abc"],
    [{ apikey: "abc" }, "abc"],
    [{ authorization: "Bearer abc", apikey: "def" }, "abc"],
    [{ authorization: "Basic dTpw", apikey: "def" }, "def"],
    [{ authorization: "Basic dTpw" }, undefined],
    [{ authorization: "Bearer" }, undefined],
    [{ authorization: "abc" }, undefined],
    [{ apikey: " " }, undefined],
    [{}, undefined],
  ])("%j", (headers, credential) => {
    expect(requestCredential(headers)).toBe(credential);
  });
});
