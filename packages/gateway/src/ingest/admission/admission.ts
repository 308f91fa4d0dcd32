import type { EventDraft } from "@recado/providers";
import { RateLimit } from "./rate-limit.ts";
import { StateRuns, type Telling } from "./state-runs.ts";

/**
 * What of an authentic webhook is stored when much arrives: messages and every change always, noise while
 * there is room.
 *
 * I1 A webhook that holds anything but noise is stored, whatever the rates.
 * I2 What is not stored is counted for its number, by cause.
 * Proven by `admission.test.ts`.
 */
export class Admission {
  readonly #perInstance: RateLimit;
  readonly #perTenant: RateLimit;
  readonly #runs = new StateRuns();
  /** As many as there are numbers. */
  readonly #notStored = new Map<string, NotStored>();

  constructor(rates: IngestRates) {
    this.#perInstance = new RateLimit(rates.perInstance);
    this.#perTenant = new RateLimit(rates.perTenant);
  }

  /**
   * Undefined for what is stored as it is, which is the rule.
   *
   * @param now monotonic milliseconds
   */
  judge(
    tenantId: string,
    instanceId: string,
    drafts: readonly EventDraft[],
    now: number,
  ): Verdict | undefined {
    const noise = noiseOf(drafts);
    if (noise === undefined) {
      if (drafts.some(tellsOfState)) this.found(instanceId);
      return this.#spend(tenantId, instanceId, now);
    }
    const hasRoom =
      this.#perInstance.hasRoom(instanceId, now) && this.#perTenant.hasRoom(tenantId, now);
    if (noise === "presence") {
      return hasRoom ? this.#spend(tenantId, instanceId, now) : this.#count(instanceId, "shed");
    }
    const track = trackOf(instanceId, drafts[0]?.type);
    const telling = this.#runs.tell(track, toldState(drafts, !hasRoom), now);
    if (telling === undefined) return this.#count(instanceId, "coalesced");
    this.#spend(tenantId, instanceId, now);
    return { kind: "store", drafts: withRepeated(drafts, telling.repeated), telling };
  }

  /** Something else was said of a number's state, or found out by the gateway: what is told after it is news. */
  found(instanceId: string): void {
    for (const type of stateTypes) this.#runs.forget(trackOf(instanceId, type));
  }

  /** What of a number was counted instead of stored, since the start of the process. */
  notStored(instanceId: string): NotStored {
    return { ...(this.#notStored.get(instanceId) ?? { coalesced: 0, shed: 0 }) };
  }

  #spend(tenantId: string, instanceId: string, now: number): undefined {
    this.#perInstance.spend(instanceId, now);
    this.#perTenant.spend(tenantId, now);
    return undefined;
  }

  #count(instanceId: string, cause: keyof NotStored): Verdict {
    const counts = this.#notStored.get(instanceId) ?? { coalesced: 0, shed: 0 };
    counts[cause] += 1;
    this.#notStored.set(instanceId, counts);
    return { kind: "not stored", cause };
  }
}

/** Webhooks a second above which noise is not stored; 0: no limit. */
export interface IngestRates {
  readonly perInstance: number;
  readonly perTenant: number;
}

export interface NotStored {
  /** Repeats of a connection state that were counted into the run they belong to. */
  coalesced: number;
  /** Presence above the rate. */
  shed: number;
}

export type Verdict =
  | { readonly kind: "store"; readonly drafts: readonly EventDraft[]; readonly telling: Telling }
  | { readonly kind: "not stored"; readonly cause: keyof NotStored };

const stateTypes: ReadonlySet<string> = new Set([
  "instance.connection_changed",
  "instance.status_changed",
]);

/**
 * What is stored although it tells of a state, or of what ends one: a state that comes with a code to pair
 * with, a number that was logged out. A new code alone changes nothing, and storms of states have them in between.
 */
function tellsOfState({ type }: EventDraft): boolean {
  return type.startsWith("instance.") && type !== "instance.qr_updated";
}

/** Evolution tells of the connection and of the status in webhooks of their own: neither interrupts the other. */
function trackOf(instanceId: string, type: string | undefined): string {
  return `${instanceId} ${type}`;
}

/** Undefined when a webhook holds anything that must be stored. */
function noiseOf(drafts: readonly EventDraft[]): "presence" | "state" | undefined {
  const type = drafts[0]?.type;
  if (type === "presence.updated")
    return drafts.every((draft) => draft.type === type) ? "presence" : undefined;
  if (type === undefined || !stateTypes.has(type)) return undefined;
  return drafts.every((draft) => stateTypes.has(draft.type)) ? "state" : undefined;
}

function toldState(
  drafts: readonly EventDraft[],
  isOverRate: boolean,
): Parameters<StateRuns["tell"]>[1] {
  const fact = JSON.stringify(drafts.map(({ type, data }) => [type, data]));
  return { fact, identityKey: drafts[0]?.identity.key ?? "", isOverRate };
}

function withRepeated(drafts: readonly EventDraft[], repeated: number): readonly EventDraft[] {
  const [first, ...others] = drafts;
  if (first === undefined || repeated === 0) return drafts;
  return [{ ...first, data: { ...first.data, repeated } } as EventDraft, ...others];
}
