/** The engine behind a WAHA. Sending and bodies are simulated for NOWEB; the others differ in the answers. */
export type WahaEngine = "NOWEB" | "GOWS" | "WEBJS";

/** What a WAHA can do: version, engine and whether it is the free edition of before 2026.6.1. */
export interface WahaEdition {
  readonly version: string;
  readonly engine: WahaEngine;
  /** Only the session `default` exists; keys and sending of media are refused (recorded on 2026.2.1). */
  readonly singleSession: boolean;
}

const numbers = (version: string): number[] => version.split(".").map(Number);

/** Whether `version` is `first` or newer. Versions are `year.month.release`. */
export function isSince(version: string, first: string): boolean {
  const [given, needed] = [numbers(version), numbers(first)];
  for (const [index, part] of needed.entries()) {
    const difference = (given[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
