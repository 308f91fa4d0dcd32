/** A version of the server, as numbers; `text` is what it said. */
export interface EvolutionVersion {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

const pattern = /(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/;

/** Reads `2.3.7`, `v2.2`, `2.4.0-rc.1`; undefined for what holds no version. */
export function parseVersion(value: unknown): EvolutionVersion | undefined {
  if (typeof value !== "string") return undefined;
  const found = pattern.exec(value);
  if (found === null) return undefined;
  return {
    text: value.trim().slice(0, 60),
    major: Number(found[1]),
    minor: Number(found[2]),
    patch: Number(found[3] ?? 0),
  };
}

/** How calls are written: version 1 has flat bodies and other methods. */
export type EvolutionFlavour = "v1" | "v2";

/** A version that is not known is taken for a current one. */
export function flavourOf(version: EvolutionVersion | undefined): EvolutionFlavour {
  return version !== undefined && version.major < 2 ? "v1" : "v2";
}
