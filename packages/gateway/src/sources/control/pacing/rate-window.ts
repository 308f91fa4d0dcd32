/**
 * How many calls may begin within a time. The window is a little longer than the second that it stands
 * for: calls that leave in time may arrive closer together.
 */
const windowMs = 1_100;

/** At most `calls` beginnings in any second, as the server sees it. */
export class RateWindow {
  readonly #calls: number;
  /** The latest beginnings, oldest first. */
  readonly #begun: number[] = [];

  constructor(calls: number) {
    this.#calls = Math.max(1, Math.floor(calls));
  }

  /** Milliseconds until the next call may begin; 0: now. */
  pauseBefore(now: number): number {
    const oldest = this.#begun[0];
    if (oldest === undefined || this.#begun.length < this.#calls) return 0;
    return Math.max(0, oldest + windowMs - now);
  }

  begin(now: number): void {
    this.#begun.push(now);
    if (this.#begun.length > this.#calls) this.#begun.shift();
  }
}
