import { describe, expect, test } from "vitest";
import { checkHeaders } from "./header-policy.ts";

describe("headers of an endpoint", () => {
  test.each([
    [{ "X-Api-Key": "abc" }],
    [{ Authorization: "Bearer x.y.z", "x-a": "" }],
    [{ "x-latin": "olá" }],
    [{}],
  ])("%j may be set", (headers) => expect(checkHeaders(headers)).toEqual({ ok: true }));

  test.each([
    "Host",
    "content-type",
    "Content-Length",
    "Transfer-Encoding",
    "connection",
    "User-Agent",
    "webhook-id",
    "Webhook-Signature",
    "Cookie",
    "expect",
    "te",
    "upgrade",
    "proxy-authorization",
  ])("%s is ours", (name) => expect(checkHeaders({ [name]: "x" })).toMatchObject({ ok: false }));

  test.each([
    ["a line end in the value", { "x-a": "1\r\nhost: evil" }],
    ["a line end alone", { "x-a": "1\n" }],
    ["a line end in the name", { "x-a\r\nb": "1" }],
    ["a NUL", { "x-a": "\u0000" }],
    ["a character beyond one byte", { "x-a": "👋" }],
    ["a name with a space", { "x a": "1" }],
    ["an empty name", { "": "1" }],
    ["the same name twice", { "x-a": "1", "X-A": "2" }],
    ["more than 4,096 bytes", { "x-a": "1".repeat(4_096) }],
    ["many", Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`x-${index}`, "1"]))],
  ])("%s is refused", (_name, headers) =>
    expect(checkHeaders(headers)).toMatchObject({ ok: false, reason: expect.any(String) }),
  );
});
