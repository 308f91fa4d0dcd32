import type { Clock } from "../clock.ts";

/** A clock whose wall time a test sets, as somebody sets a machine's, beside a monotonic time that only passes. */
export class SettableClock implements Clock {
  #monotonic = 1_000;
  #wall: number;
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  readonly #awaited: (() => void)[] = [];

  /** @param wall Unix milliseconds */
  constructor(wall: number = Date.UTC(2026, 2, 2, 10)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#monotonic + ms, run };
    this.#timers.push(timer);
    for (const tell of this.#awaited.splice(0)) tell();
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Resolves when somebody next waits for a time. */
  nextTimer(): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited.push(resolve);
    });
  }

  /** The wall clock is set; no time passes. */
  set(wall: number): void {
    this.#wall = wall;
  }

  /** Time passes on both, and what is due runs. */
  pass(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#monotonic);
    this.#timers = this.#timers.filter(({ at }) => at > this.#monotonic);
    for (const { run } of due) run();
  }
}
