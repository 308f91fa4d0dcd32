import { expect, test } from "vitest";
import { shownAddress, shownNames } from "./shown-address.ts";

test.each([
  [
    "https://user:password@n8n.example:8443/hook/a?key=1#x",
    false,
    "https://n8n.example:8443/hook/a?…",
  ],
  ["https://gateway.example/in/token", true, "https://gateway.example/in/…"],
  ["https://gateway.example/in/token///", true, "https://gateway.example/in/…"],
  ["https://gateway.example/in/token?x=token", true, "https://gateway.example/in/…?…"],
  ["not an address", false, "an address that is none"],
  ["", true, "an address that is none"],
])("%s is shown without what may be secret", (url, isOurs, shown) => {
  expect(shownAddress(url, isOurs)).toBe(shown);
});

test("what somebody else wrote is cut to a length", () => {
  expect(shownAddress(`https://a.example/${"x".repeat(5_000)}`, false).length).toBe(300);
  expect(shownNames(Array.from({ length: 500 }, (_, index) => `NAME_${index}`)).length).toBe(300);
  expect(shownNames([])).toBe("none");
});
