import { performance } from "node:perf_hooks";
import type { Clock } from "../base/clock.ts";
import { batchPolicy, shouldCollect } from "./batch-policy.ts";

/** Share of time the event loop was busy since the previous call, in [0, 1]. */
export type MeasureUtilisation = () => number;

export function eventLoopUtilisation(): MeasureUtilisation {
  let last = performance.eventLoopUtilization();
  return () => {
    const current = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(current, last);
    last = current;
    return utilization;
  };
}

export interface BatcherOptions<T> {
  readonly clock: Clock;
  readonly utilisation: MeasureUtilisation;
  readonly windowMs: number;
  readonly batchEvents: number;
  readonly batchCharacters: number;
  readonly charactersOf: (item: T) => number;
  readonly handOver: (items: readonly T[]) => void;
}

/**
 * Hands events over in their order: at once while the process has time, up to `windowMs` later while
 * it is busy, and never later than the bounds of one batch allow.
 */
export class Batcher<T> {
  readonly #options: BatcherOptions<T>;
  #waiting: T[] = [];
  #characters = 0;
  #collecting = false;
  #measuredAt: number;
  #cancel: (() => void) | undefined;

  constructor(options: BatcherOptions<T>) {
    this.#options = options;
    this.#measuredAt = options.clock.monotonic();
  }

  get waitingEvents(): number {
    return this.#waiting.length;
  }

  get windowMs(): number {
    return this.#collecting ? this.#options.windowMs : 0;
  }

  add(items: readonly T[]): void {
    this.#measure();
    const { batchEvents, batchCharacters, charactersOf } = this.#options;
    for (const item of items) {
      this.#waiting.push(item);
      this.#characters += charactersOf(item);
      if (this.#waiting.length >= batchEvents || this.#characters >= batchCharacters) this.drain();
    }
    if (this.#waiting.length === 0) return;
    if (!this.#collecting) this.drain();
    else this.#cancel ??= this.#options.clock.after(this.#options.windowMs, () => this.drain());
  }

  /** Hands over what waits, now. */
  drain(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#waiting.length === 0) return;
    const items = this.#waiting;
    this.#waiting = [];
    this.#characters = 0;
    this.#options.handOver(items);
  }

  /** Only looked at when there are events: an idle process needs no timer to learn that it is idle. */
  #measure(): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#measuredAt < batchPolicy.sampleMs) return;
    this.#measuredAt = now;
    this.#collecting = shouldCollect(this.#collecting, this.#options.utilisation());
  }
}
