import { type Clock, systemClock, waitFor } from "../clock.ts";
import type { Happening, TimedHappening } from "./happening.ts";

/** A number whose story is performed live. */
export interface Performance {
  readonly story: Iterable<TimedHappening>;
  /** Makes it happen now. What it starts is not waited for: providers send in parallel. */
  readonly perform: (happening: Happening, now: number) => void;
}

export interface Traffic {
  /** How many happenings were performed so far. */
  readonly performed: number;
  /** Ends all stories. Resolves when no further happening will be performed. */
  stop(): Promise<void>;
}

/** Performs stories side by side, each happening at its time after now. */
export function startTraffic(
  performances: readonly Performance[],
  clock: Clock = systemClock,
): Traffic {
  const stop = new AbortController();
  let performed = 0;

  async function play({ story, perform }: Performance): Promise<void> {
    let playedAt = 0;
    for (const { at, happening } of story) {
      if (at > playedAt && !(await waitFor(clock, at - playedAt, stop.signal))) return;
      if (stop.signal.aborted) return;
      playedAt = at;
      performed += 1;
      perform(happening, clock.now());
    }
  }

  const playing = Promise.all(performances.map(play));
  return {
    get performed() {
      return performed;
    },
    async stop() {
      stop.abort();
      await playing;
    },
  };
}
