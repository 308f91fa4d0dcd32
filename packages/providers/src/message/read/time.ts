import { numberOf } from "./numbers.ts";

/** Before the first WhatsApp message there is no event: smaller values are zero dates and defaults. */
const earliestMs = Date.UTC(2009, 0, 1);
/** Where four-digit years end; later values are another unit or garbage. */
const latestMs = Date.UTC(9999, 11, 31);
/** With a zone: a wall time without one is no instant. */
const isoInstant =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * An instant in Unix milliseconds out of what providers send as time: seconds, milliseconds,
 * microseconds or nanoseconds (told apart by size), as a number, decimal text or Long object; or
 * ISO-8601 text with a zone. Undefined for what is no trustworthy instant; never NaN.
 */
export function timeMs(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number !== undefined) return within(scaled(number));
  if (typeof value !== "string") return undefined;
  const iso = isoInstant.exec(value.trim());
  if (iso === null) return undefined;
  const [, day = "", clock = "", zone = ""] = iso;
  const offset = /^[+-]\d{4}$/.test(zone)
    ? `${zone.slice(0, 3)}:${zone.slice(3)}`
    : zone.toUpperCase();
  return within(Date.parse(`${day}T${clock.replace(",", ".")}${offset}`));
}

function scaled(value: number): number {
  if (value < 1e11) return value * 1e3;
  if (value < 1e14) return value;
  if (value < 1e17) return value / 1e3;
  return value / 1e6;
}

function within(ms: number): number | undefined {
  return ms >= earliestMs && ms <= latestMs ? Math.trunc(ms) : undefined;
}
