import { describe, expect, test } from "vitest";
import { baseUrlOf, fillPath, queryText } from "./address.ts";

describe("a server's address", () => {
  test.each([
    ["http://h:8080", "http://h:8080"],
    [" https://H.example/ ", "https://h.example"],
    ["https://h/evo//", "https://h/evo"],
    ["https://h/evo/manager", "https://h/evo"],
    ["https://h/manager/", "https://h"],
    ["https://h/?apikey=1#x", "https://h"],
  ])("%s is %s", (given, expected) => {
    expect(baseUrlOf(given, ["/manager"])).toBe(expected);
  });

  test.each([
    "",
    "h:8080",
    "ftp://h",
    "file:///etc/passwd",
    "http://u:p@h",
    "http://u@h",
    "javascript:1",
  ])("%s is none", (given) => {
    expect(baseUrlOf(given)).toBeUndefined();
  });
});

describe("a name in a path", () => {
  const names = [
    "a b",
    "a/b",
    "../../x",
    "..%2f..",
    "é",
    "a?instanceName=b",
    "a#b",
    "a%2Fb",
    "a\\b",
    "a;b",
    "@h",
    "//h",
    "\u0000",
    "…",
    "%2e%2e",
  ];

  test.each(names)("never changes the route, the host or the query: %j", (name) => {
    const path = fillPath("/webhook/find/:instance", { instance: name });
    const url = new URL(`http://h.example${path}`);
    expect(url.origin).toBe("http://h.example");
    expect(url.search + url.hash).toBe("");
    const parts = url.pathname.split("/");
    expect(parts.slice(0, 3)).toEqual(["", "webhook", "find"]);
    expect(parts).toHaveLength(4);
    expect(decodeURIComponent(parts[3] ?? "")).toBe(name);
  });

  test.each(["", ".", "..", "\uD800"])("is refused when no path can say it: %j", (name) => {
    expect(fillPath("/webhook/find/:instance", { instance: name })).toBeUndefined();
  });
});

test("a query holds only what is there, encoded", () => {
  expect(queryText({})).toBe("");
  expect(queryText({ a: undefined, b: "x&c=1", d: 2, e: false })).toBe("?b=x%26c%3D1&d=2&e=false");
});
