/**
 * How far apart calls begin. Evenly, not in bursts: what is held up for a moment on its way then meets few
 * others at the server. A little more than the exact distance, for the same reason.
 */
const reserve = 1.05;

/** At most `calls` beginnings in any second. */
export class EvenPace {
  readonly #gapMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(calls: number) {
    this.#gapMs = (1_000 * reserve) / Math.max(1, calls);
  }

  /** Milliseconds until the next call may begin; 0: now. */
  pauseBefore(now: number): number {
    return Math.max(0, Math.ceil(this.#lastAt + this.#gapMs - now));
  }

  begin(now: number): void {
    this.#lastAt = now;
  }
}
