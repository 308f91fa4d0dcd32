import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecadoError } from "../../base/recado-error.ts";
import { readCursor, writeCursor, type ListName } from "./cursors.ts";

const place = fc.record({
  list: fc.constantFrom<ListName>(
    "tenants",
    "keys",
    "servers",
    "instances",
    "endpoints",
    "events",
    "deliveries",
  ),
  tenantId: fc.string(),
  epoch: fc.string(),
});
const position = fc.oneof(fc.string({ minLength: 1, unit: "grapheme" }), fc.nat());

function refuses(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    return error instanceof RecadoError && error.code === "cursor_invalid";
  }
}

describe("cursors of lists", () => {
  it("come back as they were, in their own list", () => {
    fc.assert(
      fc.property(place, position, (where, what) => {
        expect(readCursor(where, writeCursor(where, what))).toBe(what);
      }),
    );
  });

  it("are refused in every other list, tenant and log", () => {
    fc.assert(
      fc.property(place, place, position, (from, to, what) => {
        fc.pre(JSON.stringify(from) !== JSON.stringify(to));
        expect(refuses(() => readCursor(to, writeCursor(from, what)))).toBe(true);
      }),
    );
  });

  it("any other text is refused, not misread", () => {
    const where = { list: "events", tenantId: "default" } as const;
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.base64String()), (text) => {
        expect(refuses(() => readCursor(where, text))).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(refuses(() => readCursor(where, Buffer.from(text).toString("base64url")))).toBe(
          true,
        );
      }),
    );
  });

  it("fit into an address", () => {
    fc.assert(
      fc.property(place, position, (where, what) => {
        expect(writeCursor(where, what)).toMatch(/^[\w-]+$/);
      }),
    );
  });
});
