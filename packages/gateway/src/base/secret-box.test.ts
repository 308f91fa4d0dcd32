import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSecretBox } from "./secret-box.ts";

describe("sealed secrets", () => {
  it("open to what was sealed, and never look the same twice", () => {
    const box = createSecretBox(randomBytes(32));
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (plain) => {
        const sealed = box.seal(plain);
        expect(box.open(sealed)).toBe(plain.toWellFormed());
        expect(box.seal(plain)).not.toBe(sealed);
      }),
    );
  });

  it("do not open with another key or after a change", () => {
    const box = createSecretBox(randomBytes(32));
    const sealed = box.seal("whsec_secret");
    expect(() => createSecretBox(randomBytes(32)).open(sealed)).toThrow();
    const parts = sealed.split(".");
    const flipped = parts[3]?.startsWith("A")
      ? `B${parts[3].slice(1)}`
      : `A${(parts[3] ?? "").slice(1)}`;
    expect(() => box.open([...parts.slice(0, 3), flipped].join("."))).toThrow();
    expect(() => box.open("plain text")).toThrow(/not a sealed secret/);
  });
});
