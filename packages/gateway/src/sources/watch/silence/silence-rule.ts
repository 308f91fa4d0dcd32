import { expectedBetween, type Rhythm } from "./rhythm.ts";

/**
 * When silence is improbable. Pure.
 *
 * With independent signs of life the chance of none where `expected` are usual is e^(−expected). A suspicion
 * (1 in 10,000) costs the provider a question and tells nobody; what nobody can be asked about, or what the
 * provider itself does not see, needs the stronger one (1 in 100 million), since a holiday looks alike.
 */
export interface Silence {
  /** Since the last event, milliseconds. */
  readonly ms: number;
  /** Active minutes that are usual in that time. */
  readonly expected: number;
  readonly level: SilenceLevel;
}

export type SilenceLevel = "usual" | "suspicious" | "beyond_doubt";

/** −ln of the chance. */
const suspicious = -Math.log(1e-4);
const beyondDoubt = -Math.log(1e-8);
/** Shorter pauses say nothing, however busy a number is: providers restart. */
export const shortestSilenceMs = 15 * 60_000;

/** Judges the time between the last event and now. `since` is when listening began, where that was later. */
export function silenceOf(rhythm: Rhythm, since: number, now: number): Silence {
  const ms = Math.max(0, now - since);
  if (ms < shortestSilenceMs) return { ms, expected: 0, level: "usual" };
  const expected = Math.round(expectedBetween(rhythm, since, now) * 100) / 100;
  const level =
    expected > beyondDoubt ? "beyond_doubt" : expected > suspicious ? "suspicious" : "usual";
  return { ms, expected, level };
}
