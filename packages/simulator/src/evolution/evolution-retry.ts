import type { NextStep, Outcome, RetryRule } from "../sending/attempt.ts";

/** How one Evolution API family retries a webhook (`WEBHOOK_RETRY_*` and `WEBHOOK_REQUEST_TIMEOUT_MS`). */
export interface EvolutionRetry {
  /** Requests in all, the first included. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  readonly growth: "exponential" | "fixed";
  /** Share of the delay that is added or taken away at random; the first delay stays the lower bound. */
  readonly jitter: number;
  /** Absent: the request waits for ever. */
  readonly timeoutMs?: number;
  /** Statuses after which the event is dropped at once. */
  readonly finalStatuses: readonly number[];
}

/** The families whose schedules differ. */
export type EvolutionFamily = "2.3" | "2.2" | "1";

/** Read in each family's source; 2.3 also seen on the wire (`recorded/retry-fast.json`). */
export const evolutionRetries: Readonly<Record<EvolutionFamily, EvolutionRetry>> = {
  "2.3": {
    attempts: 10,
    firstDelayMs: 5_000,
    longestDelayMs: 300_000,
    growth: "exponential",
    jitter: 0.2,
    timeoutMs: 30_000,
    finalStatuses: [400, 401, 403, 404, 422],
  },
  "2.2": {
    attempts: 10,
    firstDelayMs: 30_000,
    longestDelayMs: 30_000,
    growth: "fixed",
    jitter: 0,
    finalStatuses: [],
  },
  "1": {
    attempts: 1,
    firstDelayMs: 0,
    longestDelayMs: 0,
    growth: "fixed",
    jitter: 0,
    finalStatuses: [],
  },
};

/** Milliseconds between attempt `attemptsMade` and the next. `random` in [0, 1). */
export function evolutionDelay(
  retry: EvolutionRetry,
  attemptsMade: number,
  random: number,
): number {
  const grown =
    retry.growth === "fixed" ? retry.firstDelayMs : retry.firstDelayMs * 2 ** (attemptsMade - 1);
  const capped = Math.min(grown, retry.longestDelayMs);
  return Math.max(retry.firstDelayMs, capped * (1 + retry.jitter * (random * 2 - 1)));
}

/** The next step after `outcome`. Any 2xx delivers; Retry-After is not read. */
export function evolutionNext(
  retry: EvolutionRetry,
  attemptsMade: number,
  outcome: Outcome,
  random: number,
): NextStep {
  if (outcome.kind === "answered") {
    if (outcome.status >= 200 && outcome.status < 300) return { kind: "delivered" };
    if (retry.finalStatuses.includes(outcome.status)) return { kind: "lost", reason: "refused" };
  }
  if (attemptsMade >= retry.attempts) return { kind: "lost", reason: "exhausted" };
  return { kind: "retry", waitMs: evolutionDelay(retry, attemptsMade, random) };
}

export function evolutionRule(retry: EvolutionRetry): RetryRule {
  return {
    ...(retry.timeoutMs === undefined ? {} : { timeoutMs: retry.timeoutMs }),
    next: (attemptsMade, outcome, random) => evolutionNext(retry, attemptsMade, outcome, random),
  };
}
