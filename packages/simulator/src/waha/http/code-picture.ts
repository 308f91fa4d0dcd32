import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

/**
 * A PNG of the size and look of WAHA's code pictures (260 × 260, recorded). It differs with the code but
 * no phone can read it: what belongs to a pairing is the raw code.
 */
const side = 260;
const modules = 65;
const scale = side / modules;

/** Whether a module is dark: three squares for the eye, the rest from a hash of the code. */
function isDark(bits: Uint8Array, row: number, column: number): boolean {
  const corner = (at: number): number =>
    at < 11 ? at - 4 : at >= modules - 11 ? modules - 5 - at : -1;
  const [down, across] = [corner(row), corner(column)];
  const inCorner = down >= 0 && across >= 0 && !(row >= modules - 11 && column >= modules - 11);
  if (inCorner && down < 7 && across < 7) {
    const ring = Math.min(down, across, 6 - down, 6 - across);
    return ring !== 1;
  }
  if (row < 4 || column < 4 || row >= modules - 4 || column >= modules - 4) return false;
  const index = (row * modules + column) % (bits.length * 8);
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), framed.length - 4);
  return framed;
}

/** The picture of `code`; the same code gives the same bytes. */
export function codePicture(code: string): Uint8Array {
  const bits = createHash("shake256", { outputLength: 530 }).update(code).digest();
  const header = Buffer.from([0, 0, 1, 4, 0, 0, 1, 4, 8, 0, 0, 0, 0]);
  const pixels = Buffer.alloc(side * (side + 1));
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const dark = isDark(bits, Math.floor(y / scale), Math.floor(x / scale));
      // Each line begins with its filter, 0: none.
      pixels[y * (side + 1) + 1 + x] = dark ? 0 : 255;
    }
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
