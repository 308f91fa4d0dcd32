interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Timers that are this near are waited for exactly: calls that are paced by tens of milliseconds. */
const nearMs = 500;

/**
 * The time of a day that takes seconds: it stands still until it is moved, for the gateway and the providers
 * alike.
 */
export class DayClock {
  #now: number;
  #timers: readonly Timer[] = [];

  constructor(startsAt: number) {
    this.#now = startsAt;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), run };
    this.#timers = [...this.#timers, timer];
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Moves on by `mostMs`, or only as far as to what is due very soon. */
  step(mostMs: number): void {
    const nextAt = Math.min(...this.#timers.map(({ at }) => at));
    const soon = nextAt - this.#now < nearMs;
    this.#moveTo(soon ? Math.max(nextAt, this.#now) : this.#now + mostMs);
  }

  /** Straight to a moment: what was due on the way runs once, there. */
  leapTo(moment: number): void {
    this.#moveTo(moment);
  }

  #moveTo(time: number): void {
    // Whole milliseconds, as the machine's clock has them.
    const moment = Math.ceil(time);
    this.#now = moment;
    const due = this.#timers.filter(({ at }) => at <= moment).toSorted((a, b) => a.at - b.at);
    this.#timers = this.#timers.filter(({ at }) => at > moment);
    for (const { run } of due) run();
  }
}
