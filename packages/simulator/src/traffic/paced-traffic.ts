import { type Clock, systemClock } from "../clock.ts";
import type { Happening, TimedHappening } from "./happening.ts";
import type { Traffic } from "./traffic.ts";

/** A number whose story is told at a rate instead of at its own pace. */
export interface PacedPerformance {
  readonly story: Iterator<TimedHappening, unknown>;
  /** Nothing happens to a number that is not connected. */
  readonly isConnected: () => boolean;
  /** Resolves when what it started has ended, deliveries included; never rejects. */
  readonly perform: (happening: Happening) => Promise<unknown>;
}

export interface PacedOptions {
  /** Happenings per second over all numbers; above 0. */
  readonly perSecond: number;
  readonly clock?: Clock;
  /** Happenings whose deliveries go on at most; beyond it nothing new happens. Default 10,000. */
  readonly mostUnderWay?: number;
  /** Called when that many are reached, once until there is room again. */
  readonly onFull?: () => void;
}

const shortestTickMs = 10;

/**
 * Tells the stories in turns at `perSecond`, and of each only what people do: its connection is left to
 * whoever sets it. A machine that falls behind does not make up for it later.
 */
export function startPacedTraffic(
  performances: readonly PacedPerformance[],
  { perSecond, clock = systemClock, mostUnderWay = 10_000, onFull }: PacedOptions,
): Traffic {
  const tickMs = Math.max(shortestTickMs, 1_000 / perSecond);
  let performed = 0;
  let due = 0;
  let turn = 0;
  let isFull = false;
  let cancel = (): void => {};
  let last = clock.now();
  const underWay = new Set<Promise<unknown>>();

  function nextNumber(): PacedPerformance | undefined {
    for (let tried = 0; tried < performances.length; tried += 1) {
      const number = performances[turn % performances.length];
      turn += 1;
      if (number?.isConnected()) return number;
    }
    return undefined;
  }

  function happen(): void {
    if (underWay.size >= mostUnderWay) {
      if (!isFull) onFull?.();
      isFull = true;
      return;
    }
    isFull = false;
    const number = nextNumber();
    const happening = number && nextOf(number.story);
    if (!happening) return;
    performed += 1;
    const ending = number.perform(happening).finally(() => underWay.delete(ending));
    underWay.add(ending);
  }

  function tick(): void {
    const now = clock.now();
    due = Math.min(due + ((now - last) * perSecond) / 1_000, Math.max(1, perSecond));
    last = now;
    for (; due >= 1; due -= 1) happen();
    cancel = clock.after(tickMs, tick);
  }

  cancel = clock.after(tickMs, tick);
  return {
    get performed() {
      return performed;
    },
    stop() {
      cancel();
      return Promise.resolve();
    },
  };
}

/** The next thing that people do; undefined at the end of the story. */
function nextOf(story: Iterator<TimedHappening, unknown>): Happening | undefined {
  for (;;) {
    const next = story.next();
    if (next.done === true) return undefined;
    const { happening } = next.value;
    if (happening.kind !== "connection" && happening.kind !== "qr") return happening;
  }
}
