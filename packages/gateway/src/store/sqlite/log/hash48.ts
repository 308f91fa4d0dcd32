import { hash } from "node:crypto";

/** 48 bits of SHA-1 as an integer that SQLite stores in 6 bytes. Not a proof of anything: whoever finds a row by it compares the text. */
export function hash48(text: string): number {
  return hash("sha1", text, "buffer").readUIntBE(0, 6);
}
