/** Time, injected everywhere so that tests decide what time it is. */
export interface Clock {
  /** Unix milliseconds; may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds that only grow; for durations. */
  monotonic(): number;
  /** Calls once after `ms`. Returns the way to cancel. Never keeps the process alive by itself. */
  after(ms: number, run: () => void): () => void;
}

/**
 * Unix milliseconds that nobody sets: the wall clock at this moment, carried on by the monotonic one. For
 * what lives in memory and compares times with each other (schedules, windows): a machine's clock that is set
 * must not end a wait or draw it out. Not for what people read or other machines compare.
 */
export function steadyTime(clock: Clock): () => number {
  const offset = clock.now() - clock.monotonic();
  return () => Math.floor(offset + clock.monotonic());
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
