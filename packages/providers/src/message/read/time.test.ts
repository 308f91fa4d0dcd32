import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, sha256HexOf } from "./bytes.ts";
import { countOf, numberOf } from "./numbers.ts";
import { timeMs } from "./time.ts";

/** `ms` in every form met; `rest` are nanoseconds beyond it, `quarters` the zone's quarters of an hour. */
function spellings(ms: number, rest: number, quarters: number): readonly unknown[] {
  const digits = String(rest).padStart(6, "0");
  const seconds = Math.floor(ms / 1_000);
  const fraction = String(ms % 1_000).padStart(3, "0");
  const zone = `${quarters < 0 ? "-" : "+"}${[
    Math.trunc(Math.abs(quarters) / 4),
    (Math.abs(quarters) % 4) * 15,
  ]
    .map((part) => String(part).padStart(2, "0"))
    .join(":")}`;
  const there = new Date(ms + quarters * 900_000).toISOString().slice(0, -1);
  const long = (value: bigint, unsigned: boolean): object => ({
    low: Number(BigInt.asIntN(32, value)),
    high: Number(value >> 32n),
    unsigned,
  });
  const whole =
    ms % 1_000 === 0
      ? [seconds, String(seconds), long(BigInt(seconds), true), new Date(ms).toUTCString()]
      : [];
  return [
    ...whole,
    ms,
    String(ms),
    long(BigInt(ms), false),
    Number(`${seconds}.${fraction}`),
    `${seconds}.${fraction}`,
    `${seconds}.${fraction}${digits.slice(0, 2)}`,
    `${ms}${digits.slice(0, 3)}`,
    `${ms}000000`,
    long(BigInt(ms) * 1_000n, true),
    new Date(ms).toISOString(),
    `${new Date(ms).toISOString().slice(0, -1)}${digits}Z`,
    `${there}${zone}`,
    ` ${there.replace("T", " ")}${zone.replace(":", "")} `,
  ];
}

describe("timeMs", () => {
  const instant = 1_760_000_000_000;

  it.each([
    ["seconds", 1_760_000_000, instant],
    ["decimal text", "1760000000", instant],
    ["a Long", { low: 1_760_000_000, high: 0, unsigned: true }, instant],
    [
      "a Long whose low word is a negative pattern",
      { low: -1, high: 0, unsigned: true },
      4_294_967_295_000,
    ],
    [
      "a Long of milliseconds",
      { low: 215_890_272, high: 418, unsigned: false },
      418 * 2 ** 32 + 215_890_272,
    ],
    ["milliseconds", 1_760_000_000_123, instant + 123],
    ["microseconds", 1_760_000_000_123_456, instant + 123],
    ["nanoseconds as text", "1760000000123456789", instant + 123],
    ["fractions of a second", 1_760_000_000.5, instant + 500],
    ["ISO text", "2025-10-09T08:53:20Z", instant],
    ["ISO text with an offset", "2026-06-26T02:39:26-03:00", Date.UTC(2026, 5, 26, 5, 39, 26)],
    ["ISO text with nanoseconds", "2025-10-09T08:53:20.123456789+0000", instant + 123],
    ["a database's text", "2025-10-09 05:53:20.5-03", instant + 500],
    ["Go's text", "2025-10-09 05:53:20.123 -0300 BRT", instant + 123],
    ["HTTP's text", "Thu, 09 Oct 2025 08:53:20 GMT", instant],
    ["JavaScript's text", "Thu Oct 09 2025 05:53:20 GMT-0300 (Brasilia Standard Time)", instant],
    ["a fraction that a double holds only nearly", 1_760_000_000.123, instant + 123],
    ["nanoseconds that a double holds only nearly", "1760000000123000000", instant + 123],
  ])("reads %s", (_name, value, expected) => {
    expect(timeMs(value)).toBe(expected);
  });

  it.each([
    ["null", null],
    ["a Long without its high word", { low: 123 }],
    ["a zero date", "0001-01-01T00:00:00Z"],
    ["zero", 0],
    ["a negative number", -1_760_000_000],
    ["a wall time without a zone", "2026-06-26T02:39:26"],
    ["words", "ontem"],
    ["NaN", Number.NaN],
    ["more than a date can hold", 1e30],
    ["an impossible day", "2026-13-45T00:00:00Z"],
    ["a day that its month has not", "2026-02-30T12:00:00Z"],
    ["an impossible clock", "2026-02-20T25:61:00Z"],
    ["an empty text", ""],
    ["a month nobody knows", "Thu, 09 Xyz 2025 08:53:20 GMT"],
    ["1970", "1970-01-01T00:00:00Z"],
    ["a negative Long", { low: 1_760_000_000, high: -1, unsigned: false }],
  ])("does not trust %s", (_name, value) => {
    expect(timeMs(value)).toBeUndefined();
  });

  it("is the same number for an instant in every spelling, and cut off in none", () => {
    const last = Date.UTC(2105, 0, 1);
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2009, 0, 2), max: last }),
        fc.integer({ min: 0, max: 999_999 }),
        fc.integer({ min: -47, max: 56 }),
        (ms, rest, quarters) => {
          for (const spelling of spellings(ms, rest, quarters)) {
            expect([spelling, timeMs(spelling)]).toEqual([spelling, ms]);
          }
        },
      ),
    );
  });

  it("is a whole number inside four-digit years, or nothing, for any JSON", () => {
    const long = fc.record({ low: fc.integer(), high: fc.integer() });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue() as fc.Arbitrary<unknown>,
          fc.double(),
          fc.bigInt().map(String),
          long,
        ),
        (value) => {
          const ms = timeMs(value);
          if (ms === undefined) return;
          expect(Number.isInteger(ms)).toBe(true);
          expect(new Date(ms).toISOString()).toMatch(/^\d{4}-/);
        },
      ),
    );
  });
});

describe("numbers and bytes", () => {
  it("reads sizes as numbers, decimal text and Long objects, and nothing else", () => {
    expect([18_321, "18321", { low: 18_321, high: 0 }].map(countOf)).toEqual([
      18_321, 18_321, 18_321,
    ]);
    expect([-1, 1.5, "1e3", "", {}, [], null, { low: 1 }].map(countOf)).toEqual(
      Array.from({ length: 8 }),
    );
    expect(numberOf({ low: -46, high: -1 })).toBe(-46);
  });

  it("puts the bytes of an index object in the order of their numbers", () => {
    const ordered = Array.from({ length: 32 }, (_, index) => [String(index), index] as const);
    const shuffled = Object.fromEntries(ordered.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const hex = Buffer.from(ordered.map(([, byte]) => byte)).toString("hex");
    expect(sha256HexOf(shuffled)).toBe(hex);
    expect(sha256HexOf(Buffer.from(hex, "hex").toString("base64"))).toBe(hex);
    expect(sha256HexOf(Buffer.from(hex, "hex").toJSON())).toBe(hex);
    expect(sha256HexOf(hex.toUpperCase())).toBe(hex);
  });

  it("takes nothing else for bytes", () => {
    expect([{ 0: 1, 2: 3 }, { 0: 256 }, {}, [], "não", 5, null, ["1"]].map(bytesOf)).toEqual(
      Array.from({ length: 8 }),
    );
    expect(sha256HexOf("x")).toBeUndefined();
  });
});
