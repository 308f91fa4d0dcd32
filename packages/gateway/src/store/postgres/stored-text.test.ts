import fc from "fast-check";
import { expect, test } from "vitest";
import { fromStoredText, toStoredText } from "./stored-text.ts";

const texts = fc.string({
  unit: fc.oneof(fc.constantFrom("\\", "\u0000", "0", "\ud83d", "é"), fc.string({ maxLength: 3 })),
});

test("any text comes back as it was, half an emoji as a replacement character, and U+0000 is never stored", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const stored = toStoredText(text);
      expect(stored).not.toContain("\u0000");
      expect(fromStoredText(stored)).toBe(text.toWellFormed());
    }),
  );
});

test("an ordinary text is stored as it is", () => {
  expect(toStoredText("5511999999999@s.whatsapp.net")).toBe("5511999999999@s.whatsapp.net");
});
