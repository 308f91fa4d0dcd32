import type { NextStep, Outcome, RetryRule } from "../sending/attempt.ts";

export const wahaPolicies = ["constant", "linear", "exponential"] as const;
export type WahaPolicy = (typeof wahaPolicies)[number];

/** `config.webhooks[].retries` of a session. `attempts` counts the repetitions: N means 1 + N requests. */
export interface WahaRetries {
  readonly policy?: WahaPolicy;
  readonly delaySeconds?: number;
  readonly attempts?: number;
}

/** What applies when the configuration says nothing. */
export const wahaRetryDefaults: Required<WahaRetries> = {
  policy: "constant",
  delaySeconds: 2,
  attempts: 15,
};

/** Milliseconds that a `Retry-After` header asks for: seconds or a date; 0 when it says nothing usable. */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const seconds = Number(header);
  if (seconds > 0) return seconds * 1_000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? 0 : Math.max(0, until - now);
}

/**
 * Milliseconds before repetition `attemptsMade` (1 is the first), never less than `atLeastMs`.
 * Exponential waits start at twice the delay and get 0–20 % more at random (recorded with d = 1 s: 2.2,
 * 4.4, 8.4 s).
 */
export function wahaDelay(
  retries: WahaRetries,
  attemptsMade: number,
  random: number,
  atLeastMs = 0,
): number {
  const { policy, delaySeconds } = { ...wahaRetryDefaults, ...retries };
  const delayMs = delaySeconds * 1_000;
  switch (policy) {
    case "constant":
      return Math.max(delayMs, atLeastMs);
    case "linear":
      return Math.max(delayMs * attemptsMade, atLeastMs);
    case "exponential":
      return Math.max(delayMs * 2 ** attemptsMade, atLeastMs) * (1 + 0.2 * random);
  }
}

/** The next step after `outcome`: only a 2xx delivers, everything else is repeated while attempts last. */
export function wahaNext(
  retries: WahaRetries,
  attemptsMade: number,
  outcome: Outcome,
  random: number,
  now: number,
): NextStep {
  const answered = outcome.kind === "answered" ? outcome : undefined;
  if (answered && answered.status >= 200 && answered.status < 300) return { kind: "delivered" };
  const { attempts } = { ...wahaRetryDefaults, ...retries };
  if (attemptsMade > attempts) return { kind: "lost", reason: "exhausted" };
  return {
    kind: "retry",
    waitMs: wahaDelay(retries, attemptsMade, random, retryAfterMs(answered?.retryAfter, now)),
  };
}

/** No time-out: a receiver that accepts and stays silent holds the request open for ever. */
export function wahaRule(retries: WahaRetries): RetryRule {
  return {
    next: (attemptsMade, outcome, random, now) =>
      wahaNext(retries, attemptsMade, outcome, random, now),
  };
}
