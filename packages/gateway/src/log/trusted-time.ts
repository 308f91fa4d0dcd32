/**
 * What time it is, for what cannot be undone. A wall clock that leaps forward (a dead battery, a wrong
 * time server, somebody's hand) must not delete a year of events in one round: a leap is believed after
 * the clock has stood by it for a day, in which somebody can notice. Until then time goes on from before
 * it. A leap on top of another has a day of its own. A clock that is set back is believed at once, because it deletes less.
 *
 * A machine that slept, and a program that was not running for long, look like a leap as well: there
 * deleting begins a day later.
 */
export class TrustedTime {
  #time: number;
  #monotonic: number;
  /** Not believed yet, oldest first; a round adds one at most, and none stays longer than a day. */
  #leaps: Leap[] = [];

  /**
   * @param known the newest time that is known to have been, Unix milliseconds: that of the newest event;
   *   undefined when there is none
   */
  constructor(wall: number, monotonic: number, known: number | undefined) {
    this.#time = wall;
    this.#monotonic = monotonic;
    if (known !== undefined && wall - known > toleranceMs) {
      this.#time = known;
      this.#leaps.push({ byMs: wall - known, at: monotonic });
    }
  }

  /** True while the wall clock is ahead of what is believed. */
  get isDoubted(): boolean {
    return this.#leaps.length > 0;
  }

  /** The time to go by: `wall`, or what it would be without the leaps of the last day. */
  at(wall: number, monotonic: number): number {
    this.#time += Math.max(0, monotonic - this.#monotonic);
    this.#monotonic = monotonic;
    const aheadMs = wall - this.#time;
    if (aheadMs <= toleranceMs) this.#leaps = [];
    else this.#compare(aheadMs, monotonic);
    const standing = this.#leaps.findIndex(({ at }) => monotonic - at < believedAfterMs);
    const believed = this.#leaps.splice(0, standing < 0 ? this.#leaps.length : standing);
    for (const { byMs } of believed) this.#time += byMs;
    if (!this.isDoubted) this.#time = wall;
    return this.#time;
  }

  /** `aheadMs`: of the wall clock, before what is believed. What it was set back is undone, the newest first. */
  #compare(aheadMs: number, monotonic: number): void {
    let over = this.#leaps.reduce((sum, { byMs }) => sum + byMs, -aheadMs);
    if (-over > toleranceMs) this.#leaps.push({ byMs: -over, at: monotonic });
    for (let newest = this.#leaps.at(-1); newest && over > 0; newest = this.#leaps.at(-1)) {
      const undone = Math.min(over, newest.byMs);
      newest.byMs -= undone;
      over -= undone;
      if (newest.byMs === 0) this.#leaps.pop();
    }
  }
}

interface Leap {
  byMs: number;
  /** Monotonic milliseconds when it was seen. */
  readonly at: number;
}

/** Corrections by a time server and rounds that took long stay below it. */
const toleranceMs = 60 * 60_000;
const believedAfterMs = 24 * 60 * 60_000;
