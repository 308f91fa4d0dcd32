import type { Clock } from "../../../base/clock.ts";
import type { WatchedNumber } from "./watched-number.ts";

/** Notices that the machine's clock was set: wall time and monotonic time went on by different amounts. */
export class ClockSettings {
  readonly #clock: Clock;
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.now() - clock.monotonic();
  }

  /** True when the clock was set by more than a minute since it was last asked, or the machine slept for as long. */
  wasSet(): boolean {
    const offset = this.#clock.now() - this.#clock.monotonic();
    const changed = Math.abs(offset - this.#offset) > toleranceMs;
    this.#offset = offset;
    return changed;
  }
}

/** Corrections by a time server stay below it. */
const toleranceMs = 60_000;

/**
 * Begins to listen at `now` (Unix milliseconds): the time that the clock skipped was no silence, and what was
 * heard in a time that is the future now was heard just now.
 */
export function listenAnew(number: WatchedNumber, now: number): void {
  const { traffic } = number;
  if (number.connection.state === "open" && !number.incident) number.steadySince = now;
  // What begins in the future would make everything that is said until then look old.
  if (number.connection.since > now) number.connection = { ...number.connection, since: now };
  traffic.eventAt = Math.min(traffic.eventAt, now);
  traffic.messageAt = Math.min(traffic.messageAt, now);
  traffic.ackAt = Math.min(traffic.ackAt, now);
  if (traffic.unanswered && traffic.unanswered.since > now) traffic.unanswered = undefined;
  if (number.comparedUntil !== undefined)
    number.comparedUntil = Math.min(number.comparedUntil, now);
}
