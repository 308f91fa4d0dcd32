import { activeMinutesOf } from "../number/traffic.ts";
import type { WatchedNumber } from "../number/watched-number.ts";
import { learnHour } from "./rhythm.ts";

const hourMs = 3_600_000;

/**
 * Teaches a number's rhythm the hour that just ended, once and only if the number was undisturbed for all of
 * it: an outage is not how a number usually is. True when something was learnt.
 */
export function learnPastHour(number: WatchedNumber, now: number): boolean {
  const hour = Math.floor(now / hourMs) - 1;
  if (number.learntHour >= hour) return false;
  number.learntHour = hour;
  const { steadySince } = number;
  if (steadySince === undefined || steadySince > hour * hourMs) return false;
  number.rhythm = learnHour(number.rhythm, hour, activeMinutesOf(number.traffic, hour));
  return true;
}
