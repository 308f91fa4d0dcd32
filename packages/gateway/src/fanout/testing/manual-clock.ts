import type { Clock } from "../../base/clock.ts";

/** A clock that moves when it is told to. */
export class ManualClock implements Clock {
  #now = Date.now();
  #timers: { readonly at: number; readonly run: () => void }[] = [];

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

  forward(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers.filter((one) => one.at <= this.#now)) {
      this.#timers = this.#timers.filter((one) => one !== timer);
      timer.run();
    }
  }
}
