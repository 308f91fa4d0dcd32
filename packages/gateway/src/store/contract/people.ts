import type { TenantScope } from "./scope.ts";

/**
 * Who is behind a LID: pairs that a provider said, per instance. They are learnt by
 * `EventLog.append`, in the commit of the event that says them; nothing is derived.
 *
 * I1 One LID has one phone at a time, the last that was said; a phone may have several LIDs.
 * I2 A pair is answered only after it would survive a power cut.
 * I3 Listeners hear of a pair that is new or changed after its commit and before the promise of its
 *    append resolves.
 * Proven by `store/testing/people-suite.ts`.
 */
export interface People {
  /** Phone addresses (`…@s.whatsapp.net`) of those of `lids` (at most 1,000, `…@lid`) that are known, by LID. */
  phonesOf(
    scope: TenantScope,
    instanceId: string,
    lids: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;

  /** LIDs of a phone address, of one instance or of all of the tenant; at most 100, newest first. */
  lidsOf(scope: TenantScope, phone: string, instanceId?: string): Promise<readonly string[]>;

  /**
   * Learns what a provider said when it was asked, rather than in an event. At most 1,000 pairs; `at`: Unix
   * milliseconds. Rejects with `not_found` for a tenant that does not exist.
   */
  learn(
    scope: TenantScope,
    instanceId: string,
    pairs: readonly PersonPair[],
    at: number,
  ): Promise<void>;

  /** Calls back with each commit's news about people of every tenant. Returns the way to stop. */
  subscribe(listener: PairListener): () => void;
}

/** Two addresses of one person, both canonical: no device suffix, `@s.whatsapp.net` for phones. */
export interface PersonPair {
  /** `…@lid` or `…@hosted.lid`. */
  readonly lid: string;
  /** `<digits>@s.whatsapp.net`. */
  readonly phone: string;
}

export interface LearntPair extends PersonPair {
  readonly tenantId: string;
  readonly instanceId: string;
}

export type PairListener = (pairs: readonly LearntPair[]) => void;
