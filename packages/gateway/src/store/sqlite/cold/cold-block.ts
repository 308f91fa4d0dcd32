import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/**
 * A list of texts as one compressed frame. Inside: how many, the length of each in bytes (32 bits, little
 * endian), then the texts, so that one is read without reading the others.
 */
const numberBytes = 4;

/** Level 3: a sixth of the time of level 6, for two percent more room. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** Most blocks in one piece: in smaller pieces it takes several times as long. */
const chunkSize = 131_072;

export function compressTexts(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((text) => Buffer.from(text));
  const head = Buffer.alloc(numberBytes * (encoded.length + 1));
  head.writeUInt32LE(encoded.length);
  for (const [index, text] of encoded.entries())
    head.writeUInt32LE(text.length, numberBytes * (index + 1));
  return zstdCompressSync(Buffer.concat([head, ...encoded]), options);
}

/** Texts of a frame, decompressed. */
export class TextFrame {
  readonly #bytes: Buffer;
  /** Where each text begins, and where the last one ends. */
  readonly #begins: readonly number[];

  constructor(compressed: Uint8Array) {
    const bytes = zstdDecompressSync(compressed, { chunkSize });
    const count = bytes.readUInt32LE();
    let at = numberBytes * (count + 1);
    const begins = [at];
    for (let index = 1; index <= count; index += 1)
      begins.push((at += bytes.readUInt32LE(numberBytes * index)));
    if (at !== bytes.length) throw new Error("a block of the log is damaged");
    this.#bytes = bytes;
    this.#begins = begins;
  }

  /** Memory that it takes. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Throws a `RangeError` for a text that it does not have. */
  text(index: number): string {
    const begin = this.#begins[index];
    const end = this.#begins[index + 1];
    if (begin === undefined || end === undefined)
      throw new RangeError(`no text ${index} in a block`);
    return this.#bytes.toString("utf8", begin, end);
  }
}
