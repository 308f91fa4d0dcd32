/** Time, injected so that tests and demonstrations can run retry schedules of minutes in seconds. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Calls `run` once after `ms`; returns the way to cancel it. */
  after(ms: number, run: () => void): () => void;
}

/** setTimeout fires at once for anything longer. */
const longestTimerMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/**
 * The same clock with every wait `factor` times shorter: retry delays and time-outs keep their
 * proportions. What it says of the time of day stays true, since that ends up in the events.
 */
export function compressedClock(factor: number, clock: Clock = systemClock): Clock {
  if (!(factor > 0)) throw new RangeError("a clock is compressed by a factor above 0");
  return { now: () => clock.now(), after: (ms, run) => clock.after(ms / factor, run) };
}

/** Waits `ms`. Resolves with `false` when `signal` aborted first; never rejects. */
export function waitFor(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}
