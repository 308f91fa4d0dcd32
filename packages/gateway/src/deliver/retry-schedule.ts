/** When a failed delivery is tried again. Pure; times are milliseconds. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits after the 1st, 2nd, … failed attempt, from the Standard Webhooks specification: 10 attempts in about 3 days. */
export const standardSchedule: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** A receiver may ask for this much and no more. */
const maxHintMs = 24 * hour;
/** Added to each wait as a part of it, so that what failed together does not come back together. */
const maxJitter = 0.2;

/** No wait is longer, by the specification's schedule or by a receiver's wish. */
export const longestWaitMs = Math.ceil(maxHintMs * (1 + maxJitter));

const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds that a `Retry-After` header asks for, at most 24 hours. Undefined for a date in the past
 * and for anything that is neither whole seconds nor an HTTP date.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text) * second, maxHintMs);
  if (!httpDate.test(text)) return undefined;
  const waitMs = Date.parse(text) - now;
  return waitMs > 0 ? Math.min(waitMs, maxHintMs) : undefined;
}

export interface RetryQuestion {
  /** Attempts made in this schedule, the failed one included; at least 1. */
  readonly attempts: number;
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
  readonly hintMs?: number;
  readonly schedule: readonly number[];
}

/** When the next attempt is due; undefined when the schedule is used up. Never earlier than the schedule says. */
export function nextAttemptAt(question: RetryQuestion): number | undefined {
  const waitMs = question.schedule[question.attempts - 1];
  if (waitMs === undefined) return undefined;
  const scheduledMs = Math.ceil(waitMs * (1 + maxJitter * question.random));
  return question.now + Math.max(scheduledMs, question.hintMs ?? 0);
}
