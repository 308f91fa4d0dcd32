/** What came of one HTTP attempt, as the provider's HTTP client sees it. */
export type Outcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The raw `Retry-After` header. */
      readonly retryAfter?: string;
      /** The method of the last request: `GET` after a 301, 302 or 303. */
      readonly method: "POST" | "GET";
      readonly redirects: number;
    }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly detail: string };

/** `stopped`: the simulator was closed while the request was under way. */
export type FailureReason =
  | "timeout"
  | "network"
  | "too_many_redirects"
  | "bad_location"
  | "stopped";

/** What a provider does after an attempt. */
export type NextStep =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly waitMs: number }
  /** The event is gone: `refused` by a status that ends the retries, or `exhausted`. */
  | { readonly kind: "lost"; readonly reason: "refused" | "exhausted" };

/**
 * A provider's retry rule: a pure function of how many attempts were made, what the last one gave, and
 * one random number in [0, 1).
 */
export interface RetryRule {
  /** How long the provider waits for an answer; absent: for ever. */
  readonly timeoutMs?: number;
  next(attemptsMade: number, outcome: Outcome, random: number, now: number): NextStep;
}

/** One attempt, as told to whoever watches. */
export interface AttemptRecord {
  readonly number: number;
  /** Unix milliseconds at the start of the attempt. */
  readonly startedAt: number;
  readonly outcome: Outcome;
  readonly next: NextStep;
}

/** What became of one event at one webhook address. */
export interface DeliveryReport {
  readonly url: string;
  readonly event: string;
  readonly attempts: readonly AttemptRecord[];
  /** `stopped`: the sender was closed first; a real provider loses these at a restart too. */
  readonly result: "delivered" | "lost" | "stopped";
}
