import { member, objectOf } from "./members.ts";

const uint32 = 0x1_0000_0000;
const decimal = /^-?\d{1,20}(?:\.\d{1,12})?$/;

/**
 * A 64-bit integer as protobuf libraries write it to JSON: `{low, high, unsigned}`. The low word is a
 * bit pattern, so a negative one means its unsigned value. Without its high word the number is not
 * known, only its remainder.
 */
function longOf(value: unknown): number | undefined {
  const long = objectOf(value);
  if (long === undefined) return undefined;
  const low = member(long, "low");
  const high = member(long, "high");
  if (!Number.isInteger(low) || !Number.isInteger(high)) return undefined;
  return (high as number) * uint32 + ((low as number) >>> 0);
}

/** A number in any spelling met: a number, decimal text, a Long object. Never NaN or infinite. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "string") return decimal.test(value) ? Number(value) : undefined;
  return longOf(value);
}

/** A count: a whole number, not negative, and exact (at most 2^53 − 1). */
export function countOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A whole number of either sign, exact. */
export function integerOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}
