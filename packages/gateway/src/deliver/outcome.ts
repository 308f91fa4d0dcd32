import type { OutboundOutcome } from "../outbound/index.ts";
import type { Attempt } from "../store/contract/index.ts";
import { nextAttemptAt, retryAfterMs } from "./retry-schedule.ts";

/** What an answer means for a delivery. Pure. */

export type AttemptResult = Omit<Attempt, "number">;

function timingsOf(outcome: OutboundOutcome): NonNullable<Attempt["timings"]> {
  const { dnsMs, connectMs, firstByteMs } = outcome.timings;
  return {
    ...(dnsMs === undefined ? {} : { dnsMs }),
    ...(connectMs === undefined ? {} : { connectMs }),
    ...(firstByteMs === undefined ? {} : { firstByteMs }),
  };
}

function statusMessage(statusCode: number): string {
  const redirect = statusCode >= 300 && statusCode < 400;
  return redirect ? `answered ${statusCode}; redirects are not followed` : `answered ${statusCode}`;
}

/**
 * The attempt as it is stored. Only 2xx is success, a redirect is not; a 2xx whose body broke off is one,
 * since the receiver has said that it took the event.
 */
export function attemptOf(outcome: OutboundOutcome, startedAt: number): AttemptResult {
  const common = { startedAt, durationMs: outcome.timings.totalMs, timings: timingsOf(outcome) };
  if (outcome.kind === "failed") {
    const { errorCode, errorMessage, remoteAddress } = outcome;
    return {
      ...common,
      outcome: "failed",
      errorCode,
      errorMessage,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
    };
  }
  const { statusCode, remoteAddress, truncated, bodyErrorCode } = outcome;
  const answer = {
    ...common,
    statusCode,
    remoteAddress,
    responseBody: outcome.body.toString("utf8"),
    ...(truncated ? { responseTruncated: true } : {}),
  };
  if (statusCode >= 200 && statusCode < 300) {
    const noted =
      bodyErrorCode === undefined
        ? {}
        : {
            errorCode: "body_incomplete",
            errorMessage: `the answer's body ended early (${bodyErrorCode})`,
          };
    return { ...answer, outcome: "succeeded", ...noted };
  }
  return {
    ...answer,
    outcome: "failed",
    errorCode: "status",
    errorMessage: statusMessage(statusCode),
  };
}

/** An attempt that ended before anything could be sent. */
export function unsentAttempt(
  errorCode: string,
  errorMessage: string,
  startedAt: number,
): AttemptResult {
  return { startedAt, durationMs: 0, outcome: "failed", errorCode, errorMessage };
}

/** Milliseconds that the receiver asked for. Only an answer can ask, and only one that is a failure. */
export function hintOf(outcome: OutboundOutcome, now: number): number | undefined {
  if (outcome.kind === "failed") return undefined;
  const header = outcome.headers["retry-after"];
  return retryAfterMs(Array.isArray(header) ? header[0] : header, now);
}

export type NextState =
  | { readonly kind: "succeeded" }
  | { readonly kind: "retry"; readonly dueAt: number }
  /** The schedule is used up, or trying again is pointless. */
  | { readonly kind: "exhausted" }
  /** The receiver says that this address is gone for good (410): the endpoint is to be disabled, the delivery waits. */
  | { readonly kind: "gone"; readonly dueAt: number };

export interface NextQuestion {
  readonly attempt: AttemptResult;
  /** Attempts made in this schedule before this one. */
  readonly attemptsBefore: number;
  readonly now: number;
  readonly random: number;
  readonly hintMs?: number | undefined;
  readonly schedule: readonly number[];
}

/** Errors that no later attempt can mend. */
const finalErrors: ReadonlySet<string> = new Set(["payload_expired"]);

export function nextState(question: NextQuestion): NextState {
  const { attempt, attemptsBefore, now, random, hintMs, schedule } = question;
  if (attempt.outcome === "succeeded") return { kind: "succeeded" };
  if (attempt.errorCode !== undefined && finalErrors.has(attempt.errorCode))
    return { kind: "exhausted" };
  const dueAt = nextAttemptAt({
    attempts: attemptsBefore + 1,
    now,
    random,
    schedule,
    ...(hintMs === undefined ? {} : { hintMs }),
  });
  if (attempt.statusCode === 410) return { kind: "gone", dueAt: dueAt ?? now };
  return dueAt === undefined ? { kind: "exhausted" } : { kind: "retry", dueAt };
}
