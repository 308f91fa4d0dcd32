import type { Clock } from "../../../base/clock.ts";

/** A clock that moves when it is told to, timer by timer. */
export class ManualClock implements Clock {
  #now = 1_800_000_000_000;
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

  /** What timers started goes on before the next timer: also what they set themselves. */
  async forward(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      // Everything that is settled already goes first.
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = this.#timers.toSorted((one, other) => one.at - other.at);
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}
