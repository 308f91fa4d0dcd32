import { numberOf } from "./numbers.ts";

/** Before the first WhatsApp message there is no event: smaller values are zero dates and defaults. */
const earliestMs = Date.UTC(2009, 0, 1);
/** Where four-digit years end; later values are another unit or garbage. */
const latestMs = Date.UTC(9999, 11, 31);
/**
 * Day, clock, fraction of a second, zone. With a zone: a wall time without one is no instant. Go writes
 * `2025-10-09 08:53:20 +0000 UTC`, databases `2025-10-09 08:53:20+00`.
 */
const isoInstant =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,12}))? ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)(?: [A-Z]{3,4}| [+-]\d{2,4})?$/i;
/** `Thu, 09 Oct 2025 08:53:20 GMT`, and how a JavaScript date is written as text. */
const namedInstant =
  /^(?:[A-Z][a-z]{2},? )?(?:(\d{1,2}) ([A-Z][a-z]{2})|([A-Z][a-z]{2}) (\d{1,2})),? (\d{4}) (\d{2}:\d{2}:\d{2}) (?:GMT|UTC|Z)?([+-]\d{4})?(?: \([^()]{0,60}\))?$/;

const monthNames = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * An instant in whole Unix milliseconds, cut off, out of what providers send as time: seconds,
 * milliseconds, microseconds or nanoseconds (told apart by size), as a number, decimal text or Long object;
 * or text with a day, a clock and a zone (ISO-8601, HTTP's and JavaScript's forms). The same instant is the
 * same number in every spelling. Undefined for what is no trustworthy instant; never NaN.
 */
export function timeMs(value: unknown): number | undefined {
  if (typeof value !== "string") return fromNumber(numberOf(value));
  const text = value.trim();
  return fromNumber(numberOf(text)) ?? fromIso(text) ?? fromNamed(text);
}

/**
 * By way of whole microseconds: a double holds seconds with a fraction, and nanoseconds, only nearly, and
 * what is nearly the next millisecond would be cut to the one before.
 */
function fromNumber(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  return within(Math.floor(Math.round(microseconds(value)) / 1e3));
}

function microseconds(value: number): number {
  if (value < 1e11) return value * 1e6;
  if (value < 1e14) return value * 1e3;
  return value < 1e17 ? value : value / 1e3;
}

function fromIso(text: string): number | undefined {
  const iso = isoInstant.exec(text);
  if (iso === null) return undefined;
  const [, day = "", clock = "", fraction = "", zone = ""] = iso;
  return instant(day, clock, fraction, zone);
}

function fromNamed(text: string): number | undefined {
  const named = namedInstant.exec(text);
  if (named === null) return undefined;
  const [, dayBefore, monthAfter, monthBefore, dayAfter, year = "", clock = "", zone] = named;
  const month = monthNames.indexOf(monthAfter ?? monthBefore ?? "") + 1;
  if (month === 0) return undefined;
  const padded = [month, dayBefore ?? dayAfter].map((part) => String(part).padStart(2, "0"));
  return instant(`${year}-${padded.join("-")}`, clock, "", zone ?? "Z");
}

function instant(day: string, clock: string, fraction: string, zone: string): number | undefined {
  // Date.parse takes the 31st of February for a day in March.
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return undefined;
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  return within(Date.parse(`${day}T${seconds}.${milliseconds}${offsetOf(zone)}`));
}

/** As Date.parse wants it: `Z` or `+hh:mm`. */
function offsetOf(zone: string): string {
  if (!/^[+-]/.test(zone)) return "Z";
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  return `${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function within(ms: number): number | undefined {
  return ms >= earliestMs && ms <= latestMs ? ms : undefined;
}
