import { learnHour, noRhythm, type Rhythm } from "../silence/rhythm.ts";

/** What two weeks of a number that is busy around the clock teach. */
export function busyRhythm(activeMinutes: number): Rhythm {
  let rhythm = noRhythm;
  for (let hour = 0; hour < 2 * 168; hour++) rhythm = learnHour(rhythm, hour, activeMinutes);
  return rhythm;
}
