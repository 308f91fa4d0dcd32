import type { Clock } from "../../base/clock.ts";
import { FairRoom } from "../../base/fair-room.ts";
import { RecadoError } from "../../base/recado-error.ts";

/**
 * Whose webhook is read next. Reading one holds up everything else in the process, so in each round of the
 * event loop only so much is read; what is left waits, and tenants take turns.
 *
 * I1 A tenant's webhooks are begun in the order in which they came.
 * I2 Between two of one tenant each other tenant that waits has one begun.
 * I3 What waits is bounded, per tenant by what is left besides; above the bound a webhook is refused with
 *    `store_unavailable`, which makes a provider send it again.
 * Proven by `fair-turns.test.ts`. While little arrives nothing waits, and nothing is allocated.
 */
export class FairTurns {
  readonly #clock: Clock;
  readonly #room: FairRoom;
  /** In the order of their next turn. */
  readonly #lanes = new Map<string, Lane>();
  #usedMs = 0;
  #isScheduled = false;

  constructor(clock: Clock, most = 10_000, mostBytes = 64 * 1_048_576) {
    this.#clock = clock;
    this.#room = new FairRoom(most, mostBytes);
  }

  /**
   * Begins `work` at once while this round has time and nobody waits, otherwise in the tenant's turn. Only
   * the part of it before its first wait counts.
   *
   * @param bytes that waiting holds in memory
   */
  run<T>(tenantId: string, bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#lanes.size === 0 && this.#usedMs < budgetMs) return this.#begin(work);
    if (!this.#room.isFor(tenantId, bytes)) {
      return Promise.reject(
        new RecadoError("store_unavailable", ["too many webhooks are waiting"]),
      );
    }
    this.#room.take(tenantId, bytes);
    return new Promise<T>((resolve, reject) => {
      const begin = (): void => {
        this.#room.giveBack(tenantId, bytes);
        this.#begin(work).then(resolve, reject);
      };
      const lane = this.#lanes.get(tenantId);
      if (lane === undefined) this.#lanes.set(tenantId, { waiting: [begin], next: 0 });
      else lane.waiting.push(begin);
      this.#schedule();
    });
  }

  #begin<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.monotonic();
    const running = work();
    this.#usedMs += this.#clock.monotonic() - startedAt;
    this.#schedule();
    return running;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#nextRound());
  }

  #nextRound(): void {
    this.#isScheduled = false;
    this.#usedMs = 0;
    // What goes back to the end of the line is met again: a map is walked in the order of its entries.
    for (const [tenantId, lane] of this.#lanes) {
      if (this.#usedMs >= budgetMs) break;
      this.#lanes.delete(tenantId);
      const begin = takeFirst(lane);
      if (lane.next < lane.waiting.length) this.#lanes.set(tenantId, lane);
      begin?.();
    }
    if (this.#lanes.size > 0) this.#schedule();
  }
}

interface Lane {
  readonly waiting: (() => void)[];
  /** Index of the next: taking the first out of a long list would move all of it. */
  next: number;
}

/** Those that were taken are let go a thousand at a time, so that a lane that never empties does not grow. */
function takeFirst(lane: Lane): (() => void) | undefined {
  const first = lane.waiting[lane.next];
  lane.next += 1;
  if (lane.next >= 1_000) {
    lane.waiting.splice(0, lane.next);
    lane.next = 0;
  }
  return first;
}

/**
 * As long as a commit waits for company: what is read in one round shares a commit, and shorter rounds
 * would make smaller commits. About eighty usual webhooks.
 */
const budgetMs = 5;
