import type { Clock } from "../../../base/clock.ts";

/** A clock that moves when it is told to. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 10, 24, 12);
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.length;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Timers run in the order in which they are due. */
  forward(ms: number): void {
    this.#now += ms;
    for (;;) {
      const [next] = this.#timers
        .filter(({ at }) => at <= this.#now)
        .toSorted((left, right) => left.at - right.at);
      if (next === undefined) return;
      this.#timers = this.#timers.filter((one) => one !== next);
      next.run();
    }
  }
}
