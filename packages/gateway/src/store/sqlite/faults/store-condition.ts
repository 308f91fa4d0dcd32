import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { DiskSpace, StoreHealth } from "../../contract/index.ts";

/**
 * Whether the store can write, and since when. Says in the log when that changes, once each time: what is
 * refused in between is counted, since a full disk under load would otherwise fill the log's disk as well.
 *
 * I1 `failed` is final.
 * I2 One line when refusing begins, one when it ends, however many writes are refused.
 * Proven by `store-condition.test.ts`.
 */
export class StoreCondition {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #state: StoreHealth["state"] = "well";
  #reason: string | undefined;
  #since: number;
  #refusedWrites = 0;
  #refusedBefore = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#since = clock.now();
  }

  get state(): StoreHealth["state"] {
    return this.#state;
  }

  /** Why the store is not well. */
  get reason(): string | undefined {
    return this.#reason;
  }

  countRefused(writes: number): void {
    this.#refusedWrites += writes;
  }

  refuse(reason: string, cause: unknown): void {
    if (this.#state !== "well") {
      // Still the same trouble; what is behind it may have changed.
      if (this.#state === "refusing") this.#reason = reason;
      return;
    }
    this.#enter("refusing", reason);
    this.#refusedBefore = this.#refusedWrites;
    this.#logger.error(
      { err: cause, reason },
      "the store cannot write: webhooks are answered 503 until it can",
    );
  }

  recover(): void {
    if (this.#state !== "refusing") return;
    const durationMs = this.#clock.now() - this.#since;
    const refused = this.#refusedWrites - this.#refusedBefore;
    this.#enter("well", undefined);
    this.#logger.info({ durationMs, refused }, "the store can write again");
  }

  fail(reason: string, cause: unknown): void {
    if (this.#state === "failed") return;
    this.#enter("failed", reason);
    this.#logger.fatal(
      { err: cause, reason },
      "the store failed: nothing is acknowledged any more",
    );
  }

  health(disk: DiskSpace | undefined): StoreHealth {
    return {
      state: this.#state,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      since: this.#since,
      refusedWrites: this.#refusedWrites,
      ...(disk === undefined ? {} : { disk }),
    };
  }

  #enter(state: StoreHealth["state"], reason: string | undefined): void {
    this.#state = state;
    this.#reason = reason;
    this.#since = this.#clock.now();
  }
}
