import { inflateSync } from "node:zlib";
import jsQR from "jsqr";
import { describe, expect, it } from "vitest";
import { codeImage, codePng, imageBytes } from "./code-image.ts";

/** Its types describe the module's form before ES modules. */
const readCode = jsQR as unknown as typeof jsQR.default;

/** Reads a picture as a phone does: from its pixels. */
function scanned(png: Buffer): string | undefined {
  const side = png.readUInt32BE(16);
  const idat = png.indexOf("IDAT");
  const rows = inflateSync(png.subarray(idat + 4, idat + 4 + png.readUInt32BE(idat - 4)));
  const rowBytes = Math.ceil(side / 8);
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const byte = rows[y * (rowBytes + 1) + 1 + (x >> 3)] ?? 0;
      const value = (byte & (0x80 >> (x & 7))) === 0 ? 0 : 255;
      pixels.fill(value, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return readCode(pixels, side, side)?.data;
}

const whatsappCode = `2@${"aB3+/".repeat(12)},${"x".repeat(43)}=,${"Y".repeat(43)}=,${"9".repeat(43)}=`;

describe("the picture of a code", () => {
  it.each([whatsappCode, "1", "2@,,,", `${whatsappCode},1`, "ção ☕"])(
    "is read back as the code it was made of: %s",
    (code) => {
      const png = codePng(code);
      expect(png && scanned(png)).toBe(code);
    },
  );

  it("is a small PNG, also as a data URL", () => {
    const image = codeImage(whatsappCode) ?? "";
    expect(image).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/);
    expect(imageBytes(image).subarray(1, 4).toString()).toBe("PNG");
    expect(image.length).toBeLessThan(8_000);
  });

  it("does not exist of what no QR code can hold", () => {
    expect(codePng("x".repeat(2_954))).toBeUndefined();
    expect(codePng("x".repeat(2_953))).toBeDefined();
  });
});
