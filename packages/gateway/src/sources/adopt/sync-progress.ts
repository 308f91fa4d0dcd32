import type { Clock } from "../../base/clock.ts";
import type { Reason } from "./reasons/sentences.ts";
import { maxFailures, type SyncProgress } from "./records/server-record.ts";

/** Progress is written at most this often, so that many small steps are few writes. */
const writeEveryMs = 500;

export type StepOutcome =
  | { readonly kind: "adopted" | "already" | "skipped" }
  | { readonly kind: "failed"; readonly reason: Reason };

/** Counts the steps of one synchronising, and hands its state on to be stored now and then. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #write: (progress: SyncProgress) => Promise<unknown>;
  #progress: SyncProgress;
  #writtenAt: number;

  constructor(clock: Clock, write: (progress: SyncProgress) => Promise<unknown>) {
    this.#clock = clock;
    this.#write = write;
    this.#writtenAt = clock.monotonic();
    this.#progress = {
      state: "running",
      startedAt: clock.now(),
      total: 0,
      done: 0,
      adopted: 0,
      already: 0,
      skipped: 0,
      failed: 0,
      failures: [],
    };
  }

  get progress(): SyncProgress {
    return this.#progress;
  }

  async begin(total: number): Promise<void> {
    this.#progress = { ...this.#progress, total };
    await this.#write(this.#progress);
  }

  async step(instance: string, outcome: StepOutcome): Promise<void> {
    const before = this.#progress;
    const failures =
      outcome.kind === "failed" && before.failures.length < maxFailures
        ? [...before.failures, { instance, reason: outcome.reason }]
        : before.failures;
    const counted = { [outcome.kind]: before[outcome.kind] + 1 };
    this.#progress = { ...before, ...counted, done: before.done + 1, failures };
    const now = this.#clock.monotonic();
    if (now - this.#writtenAt < writeEveryMs) return;
    this.#writtenAt = now;
    await this.#write(this.#progress);
  }

  /** `reason`: why the whole could not be done. */
  end(reason?: Reason): SyncProgress {
    this.#progress = {
      ...this.#progress,
      state: reason ? "failed" : "done",
      finishedAt: this.#clock.now(),
      ...(reason ? { reason } : {}),
    };
    return this.#progress;
  }
}
