import type { Clock } from "../../../base/clock.ts";

/** A clock that moves when it is told to. It begins on a Monday at ten in the morning, UTC. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 2, 2, 10);
  #setBy = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now + this.#setBy;
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

  /** Somebody sets the wall clock; no time passes. */
  setBy(ms: number): void {
    this.#setBy += ms;
  }

  forward(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }

  /** Nobody hears of the time any more: the program is gone. */
  dropTimers(): void {
    this.#timers = [];
  }
}
