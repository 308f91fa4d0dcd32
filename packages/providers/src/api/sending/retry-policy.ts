/** When a call that may be repeated is repeated, and after which pause. */

/** In all, the first one counted. */
export const maxAttempts = 3;
/** A server that asks for more patience than this gets its answer passed on instead. */
export const longestPauseMs = 10_000;
const firstPauseMs = 250;

const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** True for an answer that says nothing about the call itself. */
export function isPassing(status: number): boolean {
  return passing.has(status);
}

/**
 * The pause before the next attempt, milliseconds; undefined: no more attempts. `attempt` is the number
 * of those made, `random` at least 0 and below 1. A pause is between half of its step and all of it, so
 * that clients which failed together do not come back together.
 */
export function pauseAfter(
  attempt: number,
  random: number,
  retryAfterMs?: number,
): number | undefined {
  if (attempt >= maxAttempts) return undefined;
  const step = firstPauseMs * 4 ** (attempt - 1);
  const pause = Math.round(step * (0.5 + random / 2));
  if (retryAfterMs === undefined) return pause;
  return retryAfterMs > longestPauseMs ? undefined : Math.max(pause, retryAfterMs);
}

/** Without a zone a time would be read by this machine's clock. */
const isoWithZone = /^\d{4}-\d{2}-\d{2}T[\d:.]{5,15}(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * The `retry-after` header in milliseconds from `now`: seconds, or a date. Of a header that came more than
 * once the first one counts; what is neither says nothing.
 */
export function retryAfterMsOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\s*(\d{1,9}(?:\.\d{1,9})?)\s*(?:,|$)/.exec(header)?.[1];
  if (seconds !== undefined) return Math.round(Number(seconds) * 1000);
  const text = /^\s*(?:[A-Za-z]+, )?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} [\d:]{5,8} GMT/.exec(
    header,
  )?.[0];
  const date = Date.parse(text ?? isoWithZone.exec(header.trim())?.[0] ?? "");
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
