import type { WatchedNumber } from "./number/watched-number.ts";

/** How the numbers are, all tenants' together. */
export interface NumberCounts {
  readonly states: Readonly<Record<"open" | "connecting" | "close" | "unknown", number>>;
  readonly incidents: Readonly<Record<"silent" | "frozen", number>>;
  /** Connected, and their provider's messages may hold something that we lack. */
  readonly incomplete: number;
  /** Their provider gave no state when it was asked last. */
  readonly unanswered: number;
}

const answers: ReadonlySet<string> = new Set(["open", "connecting", "close"]);

/** Pure. */
export function countNumbers(numbers: Iterable<WatchedNumber>): NumberCounts {
  const states = { open: 0, connecting: 0, close: 0, unknown: 0 };
  const incidents = { silent: 0, frozen: 0 };
  let incomplete = 0;
  let unanswered = 0;
  for (const { connection, incident, gapFrom, probe } of numbers) {
    states[connection.state ?? "unknown"]++;
    if (incident) incidents[incident.kind]++;
    if (connection.state === "open" && gapFrom !== undefined) incomplete++;
    if (probe && !answers.has(probe.answer)) unanswered++;
  }
  return { states, incidents, incomplete, unanswered };
}
