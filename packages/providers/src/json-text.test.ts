import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { removeMembers } from "./json-text.ts";

const names = ["apikey", "api_key", "secret"];

/** JSON as its tokens, so that repeated keys, escapes and number spellings are under the test's control. */
type Node = string | readonly Node[] | { readonly members: readonly (readonly [string, Node])[] };

const isArray = (node: Node): node is readonly Node[] => Array.isArray(node);
const isDoomed = (key: string) => names.includes(JSON.parse(key) as string);

function pruned(node: Node): Node {
  if (typeof node === "string") return node;
  if (isArray(node)) return node.map(pruned);
  const members = node.members.filter(([key]) => !isDoomed(key));
  return { members: members.map(([key, value]) => [key, pruned(value)] as const) };
}

function tokens(node: Node): string[] {
  if (typeof node === "string") return [node];
  if (isArray(node)) return ["[", ...joined(node.map(tokens)), "]"];
  return ["{", ...joined(node.members.map(([key, value]) => [key, ":", ...tokens(value)])), "}"];
}

function joined(parts: readonly string[][]): string[] {
  return parts.flatMap((part, index) => (index === 0 ? part : [",", ...part]));
}

function tokensOf(text: string): string[] {
  return text.match(/"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
}

function escapedKey(name: string, escape: boolean): string {
  if (!escape) return JSON.stringify(name);
  return `"${[...name].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
}

const key = fc.oneof(
  fc
    .tuple(fc.constantFrom(...names), fc.boolean())
    .map(([name, escape]) => escapedKey(name, escape)),
  fc.constantFrom('"a"', '"b"', '"apikeys"', '"x apikey"', '"\\""', '"\\\\"', '""'),
  fc.string().map((text) => JSON.stringify(text)),
);
const scalar = fc.oneof(
  fc.constantFrom(
    "1",
    "-0",
    "12345678901234567890",
    "1.50",
    "1e400",
    "true",
    "null",
    '"apikey"',
    '"\\"apikey\\":1"',
    '"\\\\"',
    '"\\ud83d"',
  ),
  fc.string().map((text) => JSON.stringify(text)),
);
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalar,
    fc.array(tie("node"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("node")), { maxLength: 5 }).map((members) => ({ members })),
  ),
}));
const gap = fc.constantFrom("", "", " ", "\n\t", "\r\n");

/** A JSON value as text, with spaces anywhere between its tokens. */
const spaced = fc
  .tuple(node, fc.array(gap, { minLength: 8, maxLength: 8 }))
  .map(([tree, gaps]) => ({
    tree,
    text: tokens(tree)
      .map((token, index) => (gaps[index % gaps.length] ?? "") + token)
      .join(""),
  }));

describe("removeMembers", () => {
  it("removes exactly the named members and keeps every other token as written", () => {
    fc.assert(
      fc.property(spaced, ({ tree, text }) => {
        expect(tokensOf(removeMembers(text, names))).toEqual(tokens(pruned(tree)));
      }),
      { numRuns: 1000 },
    );
  });

  it("gives what deleting from the parsed value gives", () => {
    const drop = (name: string, value: unknown) => (names.includes(name) ? undefined : value);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names, "a", "b"), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(removeMembers(text, names))).toEqual(
          JSON.parse(JSON.stringify(value, drop)),
        );
      }),
    );
  });

  it.each([
    ["the only one", '{"apikey":1}', "{}"],
    ["the first", '{ "apikey":1, "a":2 }', '{ "a":2 }'],
    ["the last", '{"a":2 , "apikey":{"b":[1,"}"]} }', '{"a":2  }'],
    ["the middle", '{"a":1,"apikey":"x","b":2}', '{"a":1,"b":2}'],
    ["several in a row", '{"apikey":1,"secret":[],"a":1,"api_key":null,"secret":2}', '{"a":1}'],
    [
      "an escaped key",
      String.raw`{"\u0061pikey":1,"a":"\u0061pikey"}`,
      String.raw`{"a":"\u0061pikey"}`,
    ],
    ["deep inside", '[{"a":[{"secret":"x"}]}]', '[{"a":[{}]}]'],
    [
      "a text that looks like one",
      String.raw`{"a":"{\"apikey\":1}"}`,
      String.raw`{"a":"{\"apikey\":1}"}`,
    ],
  ])("%s", (_name, text, expected) => {
    expect(removeMembers(text, names)).toBe(expected);
  });

  it("returns the very text when no name occurs", () => {
    const text = '{"big":12345678901234567890123,"n":1.50}';
    expect(removeMembers(text, names)).toBe(text);
    expect(removeMembers(text, [])).toBe(text);
  });

  it("stays linear on megabytes of media, escapes and nesting", () => {
    const media = "A".repeat(10 * 1024 * 1024);
    expect(removeMembers(`{"base64":"${media}","apikey":"x"}`, names)).toBe(
      `{"base64":"${media}"}`,
    );
    const escapes = String.raw`\\\"`.repeat(500_000);
    expect(removeMembers(`{"apikey":1,"t":"${escapes}"}`, names)).toBe(`{"t":"${escapes}"}`);
    const deep = `${"[".repeat(200_000)}{"apikey":1}${"]".repeat(200_000)}`;
    expect(removeMembers(deep, names)).toBe(deep.replace('"apikey":1', ""));
  });

  it("ends on text that is no JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\\u apikey') }), (text) => {
        expect(removeMembers(text, names).length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
