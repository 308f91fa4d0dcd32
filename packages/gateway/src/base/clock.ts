/** Time, injected everywhere so that tests decide what time it is. */
export interface Clock {
  /** Unix milliseconds; may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds that only grow; for durations. */
  monotonic(): number;
  /** Calls once after `ms`. Returns the way to cancel. Never keeps the process alive by itself. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    // setTimeout overflows above 2^31 − 1 ms and then fires at once.
    const timer = setTimeout(run, Math.min(ms, 2_147_483_647));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
