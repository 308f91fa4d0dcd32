import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDeeperThan, maxDepth, parseBody } from "./parse-body.ts";

const json = "application/json";
const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");

function codeOf(body: Uint8Array, type: string | undefined = json): string {
  const parsed = parseBody(body, type);
  return parsed.kind === "refused" ? parsed.code : "object";
}

describe("what a webhook's body may be", () => {
  it.each([
    ["an object", '{"event":"messages.upsert"}', "object"],
    ["an object behind a byte order mark", '\ufeff{"event":"x"}', "object"],
    ["the word __proto__ inside a text", '{"text":"__proto__ and constructor"}', "object"],
    ["nothing", "", "body_empty"],
    ["white space", " \n\t", "body_empty"],
    ["an array", '[{"event":"x"}]', "json_not_object"],
    ["null", "null", "json_not_object"],
    ["a number", "0", "json_not_object"],
    ["a text", '"x"', "json_not_object"],
    ["a Python dict", "{'event': True}", "json_invalid"],
    ["a form", "jsonData=%7B%7D", "json_invalid"],
    ["cut JSON", '{"event":"mess', "json_invalid"],
    ["two documents", '{"a":1}\n{"b":2}', "json_invalid"],
    ["an HTML page", "<html></html>", "json_invalid"],
    ["a __proto__ key", '{"a":{"__proto__":{"x":1}}}', "json_forbidden_key"],
    ["a __proto__ key with an escape", '{"\\u005f_proto__":{"x":1}}', "json_forbidden_key"],
    ["a __proto__ key deep inside an array", '{"a":[[{"__proto__":1}]]}', "json_forbidden_key"],
    ["constructor.prototype", '{"constructor":{"prototype":{"x":1}}}', "json_forbidden_key"],
    ["10,000 levels", `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "json_too_deep"],
  ])("%s is answered as documented", (_name, text, code) => {
    expect(codeOf(bytes(text))).toBe(code);
  });

  it("bytes that are not UTF-8 are refused, not repaired", () => {
    expect(codeOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toBe("json_not_utf8");
  });

  it.each([
    [undefined, "object"],
    ["application/json; charset=utf-8", "object"],
    ["Application/JSON", "object"],
    ["application/vnd.api+json", "object"],
    ["text/html", "unsupported_media_type"],
    ["application/x-www-form-urlencoded", "unsupported_media_type"],
    ["application/jsonp", "unsupported_media_type"],
  ])("content type %s → %s", (type, code) => {
    expect(
      parseBody(bytes('{"a":1}'), type).kind === "object"
        ? "object"
        : codeOf(bytes('{"a":1}'), type),
    ).toBe(code);
  });

  it("large integers stay as sent in the kept text", () => {
    const text = '{"id":12345678901234567890}';
    expect(parseBody(bytes(text), json)).toMatchObject({ text });
  });

  it("depth is judged by structure, never by brackets inside texts", () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), (document, text) => {
        const wrapped = JSON.stringify({
          text: `${text}[[[{{{"`,
          document: JSON.parse(document) as unknown,
        });
        const real = (value: unknown): number =>
          typeof value === "object" && value !== null
            ? 1 + Math.max(0, ...Object.values(value).map(real))
            : 0;
        const depth = real(JSON.parse(wrapped));
        expect(isDeeperThan(bytes(wrapped), depth)).toBe(false);
        expect(isDeeperThan(bytes(wrapped), depth - 1)).toBe(true);
      }),
    );
    expect(maxDepth).toBeGreaterThan(100);
  });
});
