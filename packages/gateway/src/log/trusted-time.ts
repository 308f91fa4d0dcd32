/**
 * What time it is, for what cannot be undone. A wall clock that leaps forward (a dead battery, a wrong
 * time server, somebody's hand) must not delete a year of events in one round: a leap is believed after
 * the clock has stood by it for a day, in which somebody can notice. Until then time goes on from before
 * it. A clock that is set back is believed at once, because it deletes less.
 *
 * A machine that slept, and a program that was not running for long, look like a leap as well: there
 * deleting begins a day later.
 */
export class TrustedTime {
  #time: number;
  #monotonic: number;
  #leaptAt: number | undefined;

  /**
   * @param known the newest time that is known to have been, Unix milliseconds: that of the newest event;
   *   undefined when there is none
   */
  constructor(wall: number, monotonic: number, known: number | undefined) {
    this.#time = wall;
    this.#monotonic = monotonic;
    if (known !== undefined && wall - known > toleranceMs) {
      this.#time = known;
      this.#leaptAt = monotonic;
    }
  }

  /** True while the wall clock is ahead of what is believed. */
  get isDoubted(): boolean {
    return this.#leaptAt !== undefined;
  }

  /** The time to go by: `wall`, or what it would be without the leap. */
  at(wall: number, monotonic: number): number {
    const expected = this.#time + Math.max(0, monotonic - this.#monotonic);
    this.#monotonic = monotonic;
    if (wall - expected <= toleranceMs) {
      this.#leaptAt = undefined;
      this.#time = wall;
    } else if (this.#leaptAt !== undefined && monotonic - this.#leaptAt >= believedAfterMs) {
      this.#leaptAt = undefined;
      this.#time = wall;
    } else {
      this.#leaptAt ??= monotonic;
      this.#time = expected;
    }
    return this.#time;
  }
}

/** Corrections by a time server and rounds that took long stay below it. */
const toleranceMs = 60 * 60_000;
const believedAfterMs = 24 * 60 * 60_000;
