/** What of a file is asked for. Pure; RFC 9110 14. */

export type ByteRange =
  | { readonly kind: "whole" }
  /** Both inclusive. */
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "unsatisfiable" };

const whole: ByteRange = { kind: "whole" };
const single = /^bytes=\s*(\d*)-(\d*)\s*$/i;

/** Several ranges, and what is no range at all, are answered with the whole file. */
export function byteRange(header: string | undefined, size: number): ByteRange {
  const match = header === undefined ? null : single.exec(header);
  if (!match) return whole;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return whole;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0
      ? { kind: "unsatisfiable" }
      : { kind: "part", start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return whole;
  return start >= size ? { kind: "unsatisfiable" } : { kind: "part", start, end };
}
