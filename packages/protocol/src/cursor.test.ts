import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatCursor, parseCursor } from "./cursor.ts";

const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const cursors = fc.record({
  tenantHash: word,
  epoch: word,
  offset: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});

describe("a cursor is one text and back", () => {
  test("every cursor survives being written and read", () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
      }),
    );
  });

  test("a text is read as at most the cursor that is written that way", () => {
    const nearly = fc.oneof(fc.string(), word, cursors.map(formatCursor), mutated());
    fc.assert(
      fc.property(nearly, (text) => {
        const cursor = parseCursor(text);
        expect(cursor === undefined ? text : formatCursor(cursor)).toBe(text);
      }),
    );
  });

  test("it stands in an address without being escaped", () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        const text = formatCursor(cursor);
        expect(encodeURIComponent(text)).toBe(text);
      }),
    );
  });
});

describe("what is no cursor is refused", () => {
  test.each([
    ["nothing", ""],
    ["another version", "v2.tenant.epoch.1"],
    ["a part missing", "v1.tenant.1"],
    ["a part too many", "v1.tenant.epoch.1.1"],
    ["an empty part", "v1..epoch.1"],
    ["a negative offset", "v1.tenant.epoch.-1"],
    ["a leading zero", "v1.tenant.epoch.01"],
    ["a fraction", "v1.tenant.epoch.1.5"],
    ["an exponent", "v1.tenant.epoch.1e3"],
    ["an offset beyond 2^53 − 1", "v1.tenant.epoch.9007199254740992"],
    ["digits of another script", "v1.tenant.epoch.١"],
    ["a foreign letter", "v1.ten ant.epoch.1"],
    ["a line end behind it", "v1.tenant.epoch.1\n"],
    ["a part longer than 64 characters", `v1.${"t".repeat(65)}.epoch.1`],
  ])("%s", (_name, text) => {
    expect(parseCursor(text)).toBeUndefined();
  });

  test("the largest safe offset is one", () => {
    expect(parseCursor(`v1.tenant.epoch.${Number.MAX_SAFE_INTEGER}`)?.offset).toBe(
      Number.MAX_SAFE_INTEGER,
    );
  });
});

/** A cursor with one character replaced, left out or put in. */
function mutated(): fc.Arbitrary<string> {
  return fc.tuple(cursors, fc.nat(), fc.string({ maxLength: 2 })).map(([cursor, at, text]) => {
    const whole = formatCursor(cursor);
    const place = at % whole.length;
    return whole.slice(0, place) + text + whole.slice(place + 1);
  });
}
