import { endReasons, type Ending } from "./ending.ts";

/**
 * One connection to a provider's socket, as states. Pure: times and chance come in, what to do comes out.
 *
 * I1 It never gives up: every ending leads to another try (`connection-state.test.ts`).
 * I2 Servers that fell together are not called together: waits are drawn from 0 to a limit that grows to
 *    {@link longestWaitMs} (`connection-state.test.ts`).
 * I3 A connection that is made and lost at once counts as not made, so that it does not become a loop
 *    (`connection-state.test.ts`).
 */
export type ConnectionState =
  /** Nobody wants it. */
  | { readonly kind: "disconnected"; readonly since: number }
  | Trying<"connecting">
  /** `since`: when it was made. */
  | Trying<"live">
  | (Trying<"waiting"> & { readonly ending: Ending; readonly until: number });

interface Trying<Kind extends string> {
  readonly kind: Kind;
  /** When this state began, Unix milliseconds. */
  readonly since: number;
  /** Tries in a row without a lasting connection. */
  readonly attempts: number;
  /** When events stopped coming: the end of the last connection. Absent: there was none yet. */
  readonly downSince?: number;
  /** Why the last try or connection ended. */
  readonly ending?: Ending;
}

export type Happening =
  | { readonly kind: "wanted" }
  /** The wait is over. */
  | { readonly kind: "due" }
  | { readonly kind: "opened" }
  | { readonly kind: "ended"; readonly ending: Ending }
  | { readonly kind: "unwanted" };

export type Action =
  | { readonly kind: "connect" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "close" };

export interface Step {
  readonly state: ConnectionState;
  readonly action?: Action;
}

/** Milliseconds. */
export const longestWaitMs = 30_000;
const firstWaitMs = 1_000;
/** Even the luckiest draw leaves a server in trouble a moment. */
const shortestWaitMs = 200;
/** Where a person has to act first. */
const standingWaitMs = 60_000;
const longestStandingWaitMs = 300_000;
/** A connection that lived so long was a success. */
const lastingMs = 10_000;

/** `random` is at least 0 and below 1. */
export function waitMs(ending: Ending, attempts: number, random: number): number {
  const growth = 2 ** Math.min(Math.max(attempts - 1, 0), 20);
  if (endReasons[ending.reason].standing) {
    const limit = Math.min(standingWaitMs * growth, longestStandingWaitMs);
    // At least half of it: a wrong key at every turn looks like an attack, and may lock us out.
    return Math.round(limit * (0.5 + random / 2));
  }
  const limit = Math.min(firstWaitMs * growth, longestWaitMs);
  return Math.max(shortestWaitMs, Math.round(limit * random));
}

function afterEnding(
  state: ConnectionState & { readonly kind: "connecting" | "live" },
  ending: Ending,
  now: number,
  random: number,
): Step {
  const lasted = state.kind === "live" && now - state.since >= lastingMs;
  const attempts = (lasted ? 0 : state.attempts) + 1;
  const ms = waitMs(ending, attempts, random);
  const downSince = state.kind === "live" ? now : state.downSince;
  const down = downSince === undefined ? {} : { downSince };
  return {
    state: { kind: "waiting", since: now, attempts, ending, until: now + ms, ...down },
    action: { kind: "wait", ms },
  };
}

/** What follows. A happening that the state does not expect (it came too late) changes nothing. */
export function step(
  state: ConnectionState,
  happening: Happening,
  now: number,
  random: number,
): Step {
  switch (happening.kind) {
    case "wanted":
      if (state.kind !== "disconnected") return { state };
      return {
        state: { kind: "connecting", since: now, attempts: 0 },
        action: { kind: "connect" },
      };
    case "due": {
      if (state.kind !== "waiting") return { state };
      const { until: _until, ...kept } = state;
      return { state: { ...kept, kind: "connecting", since: now }, action: { kind: "connect" } };
    }
    case "opened":
      return state.kind === "connecting"
        ? { state: { ...state, kind: "live", since: now } }
        : { state };
    case "ended":
      return state.kind === "connecting" || state.kind === "live"
        ? afterEnding(state, happening.ending, now, random)
        : { state };
    case "unwanted":
      return { state: { kind: "disconnected", since: now }, action: { kind: "close" } };
  }
}
