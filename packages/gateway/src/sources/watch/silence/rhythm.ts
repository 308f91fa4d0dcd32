/**
 * How lively a number usually is, by hour of the week. Pure.
 *
 * What is counted are minutes in which anything came, not events: a conversation of twenty messages in a
 * minute is one sign of life, and independent signs are what the rule of improbable silence needs. Hours
 * are UTC, so that neither time zones nor daylight saving move them.
 */
export interface Rhythm {
  /** Active minutes of each hour of the week, an average that forgets; 168 numbers. */
  readonly rate: readonly number[];
  /** How often each was observed, at most 255. */
  readonly seen: readonly number[];
}

const slots = 168;
const hourMs = 3_600_000;
/** Weight of the newest week: three weeks make two thirds of the average. */
const newest = 0.3;
/** What was seen in one week only may have been an unusual one: half of it is expected in the second. */
const trustInOneWeek = 0.5;
/** No expectation grows beyond this span. */
const longestSpanMs = 14 * 24 * hourMs;

export const noRhythm: Rhythm = {
  rate: Array.from<number>({ length: slots }).fill(0),
  seen: Array.from<number>({ length: slots }).fill(0),
};

/** The slot of an hour counted from the Unix epoch. */
export function slotOf(hour: number): number {
  return ((hour % slots) + slots) % slots;
}

/** Learns how many active minutes a whole, undisturbed hour had. */
export function learnHour(rhythm: Rhythm, hour: number, activeMinutes: number): Rhythm {
  const slot = slotOf(hour);
  const seen = rhythm.seen[slot] ?? 0;
  const before = rhythm.rate[slot] ?? 0;
  // The plain average of the first weeks, so that the first one does not weigh for months.
  const weight = Math.max(newest, 1 / (seen + 1));
  const after = before + weight * (activeMinutes - before);
  return {
    rate: rhythm.rate.with(slot, Math.round(after * 100) / 100),
    seen: rhythm.seen.with(slot, Math.min(seen + 1, 255)),
  };
}

/**
 * Active minutes to expect in one hour; 0 in an hour of the week that was never observed. Other days say
 * nothing of it: a shop's Sunday is not its Friday.
 */
export function expectedInHour(rhythm: Rhythm, hour: number): number {
  const slot = slotOf(hour);
  const seen = rhythm.seen[slot] ?? 0;
  if (seen === 0) return 0;
  return (rhythm.rate[slot] ?? 0) * (seen === 1 ? trustInOneWeek : 1);
}

/** Active minutes to expect between two moments, Unix milliseconds. */
export function expectedBetween(rhythm: Rhythm, from: number, until: number): number {
  const start = Math.max(from, until - longestSpanMs);
  let expected = 0;
  for (let at = start; at < until;) {
    const hour = Math.floor(at / hourMs);
    const end = Math.min((hour + 1) * hourMs, until);
    expected += (expectedInHour(rhythm, hour) * (end - at)) / hourMs;
    at = end;
  }
  return expected;
}

function numbersOf(value: unknown, largest: number): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length !== slots) return undefined;
  const good = value.every(
    (item): item is number =>
      typeof item === "number" && Number.isFinite(item) && item >= 0 && item <= largest,
  );
  return good ? value : undefined;
}

/** Reads a stored rhythm; one that cannot be read is forgotten and learnt again. */
export function rhythmFrom(value: unknown): Rhythm {
  const record = (value ?? {}) as { readonly rate?: unknown; readonly seen?: unknown };
  const rate = numbersOf(record.rate, 60);
  const seen = numbersOf(record.seen, 255);
  return rate && seen ? { rate, seen } : noRhythm;
}
