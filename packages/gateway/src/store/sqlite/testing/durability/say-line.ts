import { writeSync } from "node:fs";

const nothing = new Int32Array(new SharedArrayBuffer(4));

function hasNoRoom(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}

/**
 * Writes a line to the standard output, and returns when all of it was taken: the order of lines is that of
 * what they say, whatever else the process does. Waits while the reader is behind.
 */
export function sayLine(line: string): void {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (!hasNoRoom(error)) throw error;
      Atomics.wait(nothing, 0, 0, 1);
    }
  }
}
