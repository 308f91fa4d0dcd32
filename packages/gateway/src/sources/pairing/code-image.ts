import { crc32, deflateSync } from "node:zlib";
import { encode } from "uqr";

/** Pixels of one module: WhatsApp's codes then measure about 400, sharp on any screen. */
const scale = 6;
/** The quiet zone that scanners need, in modules. */
const border = 4;

const signature = Buffer.from("89504e470d0a1a0a", "hex");

/** A raw code as a PNG, black on white; undefined when it is longer than a QR code can be. Pure. */
export function codePng(code: string): Buffer | undefined {
  // Level L at its largest holds 2,953 bytes.
  if (Buffer.byteLength(code) > 2_953) return undefined;
  const { data, size } = encode(code, { ecc: "L", border });
  const side = size * scale;
  const rowBytes = Math.ceil(side / 8);
  const rows = Buffer.alloc((rowBytes + 1) * side);
  for (let y = 0; y < side; y += 1) {
    const modules = data[Math.floor(y / scale)] ?? [];
    const start = y * (rowBytes + 1) + 1;
    for (let x = 0; x < side; x += 1) {
      const isDark = modules[Math.floor(x / scale)] === true;
      // One bit for each pixel; 1 is white.
      if (!isDark) rows[start + (x >> 3)] = (rows[start + (x >> 3)] ?? 0) | (0x80 >> (x & 7));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

const pngPrefix = "data:image/png;base64,";

/** A raw code as a data URL of its PNG; undefined when it is longer than a QR code can be. */
export function codeImage(code: string): string | undefined {
  const png = codePng(code);
  return png === undefined ? undefined : `${pngPrefix}${png.toString("base64")}`;
}

/** The bytes behind a PNG's data URL. */
export function imageBytes(dataUrl: string): Buffer {
  return Buffer.from(dataUrl.slice(pngPrefix.length), "base64");
}
