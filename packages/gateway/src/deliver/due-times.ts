import { steadyTime, type Clock } from "../base/clock.ts";
import type { Delivery } from "../store/contract/index.ts";
import { longestWaitMs } from "./retry-schedule.ts";

export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

/**
 * When deliveries are due, in memory: on a clock that nobody sets. In the store and in the API a due time is
 * the wall clock's; here it is as far away as it was there when it was taken over, so that setting the
 * machine's clock neither sends a year of retries at once nor holds them up for as long.
 */
export class DueTimes {
  readonly #clock: Clock;
  /** The time that due times in memory are compared with. */
  readonly now: () => number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.now = steadyTime(clock);
  }

  /** A delivery as the queue takes it. One that is further away than any wait was due before the clock was set back. */
  inMemory(delivery: Delivery, { wall, steady } = this.moment()): Delivery {
    const waitMs = delivery.dueAt - wall;
    return { ...delivery, dueAt: steady + (waitMs > longestWaitMs ? 0 : waitMs) };
  }

  /** This moment on both clocks: a due time is translated by the moment it was reckoned from. */
  moment(): Moment {
    return { wall: this.#clock.now(), steady: this.now() };
  }
}
