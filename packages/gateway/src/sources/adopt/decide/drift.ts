import { hash } from "node:crypto";
import type { HookDifference, HookState } from "../../control/server-control.ts";
import { shownAddress } from "./own-address.ts";

/** What is put back without being asked. */
export const repairPolicies = ["deaf", "all", "off"] as const;
export type RepairPolicy = (typeof repairPolicies)[number];

/**
 * Settings without which nothing reaches us any more, or nothing that we would take: a secret that
 * differs makes us refuse what is signed with it.
 */
const deafening: ReadonlySet<string> = new Set(["missing", "enabled", "url", "secret"]);

/** Repairs within {@link repairWindowMs}; after that somebody else wants it otherwise, and two programs would fight for ever. */
export const maxRepairs = 3;
export const repairWindowMs = 24 * 60 * 60_000;

export interface DriftMemory {
  /** Fingerprint of the differences that were told last; absent: none stand. */
  readonly told?: string | undefined;
  /** Times of repairs, Unix milliseconds, oldest first. */
  readonly repairs: readonly number[];
}

export interface DriftVerdict {
  readonly differences: readonly HookDifference[];
  /** True when these differences were not told yet. */
  readonly isNews: boolean;
  /** Whether the webhook cannot reach us as it stands. */
  readonly isDeaf: boolean;
  readonly repair: boolean;
  /** True when it would be repaired, had it not been so often already. */
  readonly gaveUp: boolean;
  readonly memory: DriftMemory;
}

/** Differences as they may be shown: of addresses only where they lead. */
export function shownDifferences(
  differences: readonly HookDifference[],
): readonly HookDifference[] {
  return differences.map(({ setting, wanted, found }) =>
    setting === "url" || setting === "missing"
      ? { setting, wanted: addressOrWord(wanted), found: addressOrWord(found) }
      : { setting, wanted: wanted.slice(0, 500), found: found.slice(0, 500) },
  );
}

function addressOrWord(text: string): string {
  return /^[\w ,.-]{0,40}$/.test(text) ? text : shownAddress(text);
}

/** The whole differences, so that a change of a hidden part is a change, too. */
function fingerprintOf(differences: readonly HookDifference[]): string {
  const lines = differences.map(({ setting, found }) => JSON.stringify([setting, found]));
  return hash("sha256", lines.toSorted().join("\n"), "hex").slice(0, 32);
}

/** What a look at the provider's configuration means. Pure. */
export function driftOf(
  hook: HookState,
  memory: DriftMemory,
  policy: RepairPolicy,
  now: number,
): DriftVerdict {
  const repairs = memory.repairs.filter((at) => at > now - repairWindowMs && at <= now);
  if (hook.inPlace) {
    const quiet = { differences: [], isNews: false, isDeaf: false, repair: false, gaveUp: false };
    return { ...quiet, memory: { repairs } };
  }
  const told = fingerprintOf(hook.differences);
  const isDeaf = hook.differences.some(({ setting }) => deafening.has(setting));
  const wanted = policy === "all" || (policy === "deaf" && isDeaf);
  const repair = wanted && repairs.length < maxRepairs;
  return {
    differences: shownDifferences(hook.differences),
    isNews: memory.told !== told,
    isDeaf,
    repair,
    gaveUp: wanted && !repair,
    memory: { told, repairs: repair ? [...repairs, now] : repairs },
  };
}
