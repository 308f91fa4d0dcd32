/** Something that has requests to make, one after the other. */
export interface Taker {
  /** True while the destination does not answer well. */
  readonly failing: boolean;
  /** Begins the next request, or answers undefined when there is none to begin now. It must not reject. */
  next(): (() => Promise<void>) | undefined;
}

/**
 * Shares a fixed number of concurrent requests among all endpoints, in turns.
 *
 * I1 Never more than `max` requests are under way.
 * I2 Endpoints take turns: a long queue does not come before a short one.
 * I3 Failing endpoints together hold at most half of the slots, so that hanging ones leave room.
 * Proven by `fair-slots.test.ts`.
 */
export class FairSlots {
  readonly #max: number;
  readonly #hungry = new Set<Taker>();
  /** Failing takers that wait for the failing half to shrink. */
  readonly #parked = new Set<Taker>();
  readonly #idle = new Set<() => void>();
  #inFlight = 0;
  #failing = 0;
  #closed = false;

  constructor(max: number) {
    this.#max = max;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The taker has something to do; it is asked until it has not. */
  offer(taker: Taker): void {
    this.#hungry.add(taker);
    this.#fill();
  }

  /** Begins nothing new; resolves when everything under way has ended. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#inFlight === 0 ? Promise.resolve() : new Promise((idle) => this.#idle.add(idle));
  }

  #fill(): void {
    while (!this.#closed && this.#inFlight < this.#max) {
      const [taker] = this.#hungry;
      if (!taker) return;
      this.#hungry.delete(taker);
      if (taker.failing && this.#failing >= Math.max(1, Math.floor(this.#max / 2))) {
        this.#parked.add(taker);
        continue;
      }
      const job = taker.next();
      if (!job) continue;
      // To the end of the line: the others come first.
      this.#hungry.add(taker);
      void this.#run(job, taker.failing);
    }
  }

  async #run(job: () => Promise<void>, failing: boolean): Promise<void> {
    this.#inFlight += 1;
    if (failing) this.#failing += 1;
    try {
      await job();
    } finally {
      this.#inFlight -= 1;
      if (failing) this.#failing -= 1;
      for (const taker of this.#parked) this.#hungry.add(taker);
      this.#parked.clear();
      if (this.#inFlight === 0) for (const idle of this.#idle) idle();
      this.#fill();
    }
  }
}
