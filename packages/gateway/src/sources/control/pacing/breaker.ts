import type { CallPriority } from "./standing.ts";

/**
 * When a server that does not answer is called again. Pure; time is any clock that only grows.
 *
 * A server counts as down after {@link failuresUntilDown} calls in a row without an answer, and as up
 * again with the first answer, whatever it says.
 */
export interface BreakerState {
  /** Calls in a row without an answer. */
  readonly failures: number;
  /** Why the last of them failed, a stable word. */
  readonly reason?: string;
  /** When it failed, milliseconds; present from the first failure on. */
  readonly failedAt?: number;
  /** Until when it is left alone; present while it is down. */
  readonly closedUntil?: number;
}

export const answering: BreakerState = { failures: 0 };

/** One GET is tried three times: a single call to a dead server is enough to know. */
export const failuresUntilDown = 3;
const firstPauseMs = 5_000;
const longestPauseMs = 60_000;
/** A person who has just repaired a server does not wait for our schedule. */
const personPauseMs = 2_000;

/** `random` is at least 0 and below 1: servers that fell together are not asked together. */
export function afterFailure(
  state: BreakerState,
  reason: string,
  now: number,
  random: number,
): BreakerState {
  const { closedUntil } = state;
  // Calls that were under way together fail together; only a try after the pause makes it longer.
  if (closedUntil !== undefined && now < closedUntil) return { ...state, reason, failedAt: now };
  const failures = state.failures + 1;
  const failed = { failures, reason, failedAt: now };
  if (failures < failuresUntilDown) return failed;
  const step = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - failuresUntilDown));
  return { ...failed, closedUntil: now + step * (0.75 + random / 4) };
}

/** Milliseconds until a call may go out; 0: now. While the server is down one call at a time is the probe. */
export function pauseBefore(state: BreakerState, priority: CallPriority, now: number): number {
  const { closedUntil, failedAt = now } = state;
  if (closedUntil === undefined) return 0;
  const until =
    priority === "person" ? Math.min(closedUntil, failedAt + personPauseMs) : closedUntil;
  return Math.max(0, until - now);
}
