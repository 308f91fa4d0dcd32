import type { PersonPair } from "./people.ts";
import type { TenantScope } from "./scope.ts";

/**
 * The durable log: the only place where events meet their readers.
 *
 * I1 `append` resolves only after everything it stored would survive a power cut.
 * I2 Offsets are dense per tenant, from 1, in the order in which commits become visible.
 * I3 An identity is stored once per instance for as long as it lives; a second one is a duplicate,
 *    whatever else differs, also when both are appended at the same moment. Addresses in an identity
 *    are compared after the pairs known to the instance, those of the same entry included.
 * I4 Subscribers hear of an event only after I1, in offset order per tenant, each event once,
 *    and before the promise of its append resolves.
 * I5 A failed append stored nothing, and says so by rejecting with `store_unavailable`, or `not_found`
 *    for a tenant that does not exist.
 * Proven by `store/testing/event-log-suite.ts`, which every implementation passes.
 */
export interface EventLog {
  /** Identity of this incarnation of the log; part of every cursor. */
  readonly epoch: string;

  /**
   * Stores one webhook's body and events in one commit. Answers per event, in order. Concurrent calls
   * share commits.
   */
  append(scope: TenantScope, entry: AppendEntry): Promise<readonly AppendOutcome[]>;

  /** Calls back with each commit's events of every tenant. Returns the way to stop. */
  subscribe(listener: CommitListener): () => void;

  /** Events after `offset`, in order, at most `limit` (1–1,000). */
  readAfter(scope: TenantScope, offset: number, limit: number): Promise<readonly StoredEvent[]>;

  /** Newest first; see {@link EventFilter}. */
  query(scope: TenantScope, filter: EventFilter): Promise<readonly StoredEvent[]>;

  byId(scope: TenantScope, eventId: string): Promise<StoredEvent | undefined>;

  /** The provider's body behind events, as it was stored. */
  body(scope: TenantScope, bodyId: number): Promise<StoredBody | undefined>;

  /**
   * Newest offset ever given (0 when there was none) and the oldest still kept. When all of them are gone
   * the floor is the one after the head: a reader that stands below it has missed something.
   */
  bounds(scope: TenantScope): Promise<{ readonly head: number; readonly floor: number }>;

  /**
   * Bytes that the tenant's events take with their bodies, roughly, and without the newest thousand of the
   * whole log. Counted, not added up. Undefined where a store does not count them.
   */
  keptBytes(scope: TenantScope): Promise<number | undefined>;

  /** Duplicates since the beginning, by cause, for one tenant. */
  duplicates(scope: TenantScope): Promise<DuplicateTotals>;

  /** The same of each instance that ever had one. */
  duplicatesByInstance(scope: TenantScope): Promise<ReadonlyMap<string, DuplicateTotals>>;

  /** Last event of each instance that ever had one, and how many it had, those included that are gone. */
  lastEvents(
    scope: TenantScope,
  ): Promise<
    readonly { readonly instanceId: string; readonly receivedAt: number; readonly count: number }[]
  >;

  /**
   * Deletes events received before `before` (Unix ms) with their bodies and identities, at most `limit` in
   * one commit; answers how many went. Only the beginning of a log goes, so that what is left stays
   * dense: after the clock was set back, an event that looks old waits for those before it. A time
   * after `now` counts as none. `ruleOf` says what holds for a tenant instead of `before`; it is asked in
   * the writer's transaction, so it answers from memory. A store that does not count bytes keeps by time
   * alone.
   */
  expire(
    before: number,
    now: number,
    limit: number,
    ruleOf?: (tenantId: string) => KeepRule | undefined,
  ): Promise<number>;

  /**
   * One small step, off the thread that takes events, towards what was received before `before` (Unix ms)
   * taking less room, and towards the disk having back what is free. Nothing that is read changes. Answers
   * false when there is nothing left to do; one caller at a time.
   */
  compact(before: number): Promise<boolean>;
}

/** What of a tenant's log is kept: all that both allow. */
export interface KeepRule {
  /** Unix milliseconds: what was received before it goes. */
  readonly before: number;
  /** See {@link EventLog.keptBytes}; above it the oldest go. */
  readonly maxBytes?: number;
}

/** Why a copy was recognised: the same bytes again; another event name for the same fact; the same fact in other bytes. */
export const duplicateCauses = ["retry", "overlap", "redelivered"] as const;
export type DuplicateCause = (typeof duplicateCauses)[number];
export type DuplicateTotals = Readonly<Record<DuplicateCause, number>>;

/** What is kept of the request beside its body, for endpoints that want the provider's own form. */
export interface BodyMeta {
  /** By-events path behind the ingest address, without slash; absent when there was none. */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface NewBody {
  /** JSON text without credentials. */
  readonly text: string;
  readonly meta: BodyMeta;
}

export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly instanceId?: string;
  readonly chatId?: string;
  /** Digits of the contact's phone, when the event says it. */
  readonly phone?: string;
  /**
   * The contact's LID (`…@lid`), when the event says no phone. Where its phone is known, the store adds it
   * to `contact` in the stored JSON and finds the event by it; otherwise it is found by `EventFilter.lids`.
   */
  readonly contactLid?: string;
  /** Learnt in the commit of this event, also when it turns out to be a duplicate. Needs an instance. */
  readonly pairs?: readonly PersonPair[];
  readonly messageId?: string;
  readonly fromMe?: boolean;
  /** True for `provider.event`. */
  readonly unrecognised: boolean;
  /** Unix milliseconds. */
  readonly occurredAt: number;
  readonly receivedAt: number;
  /**
   * The event's JSON without its offset, starting with `{` and never empty: the store writes
   * `{"offset":<n>,` in front of the rest. A later copy that completes it gets `completes` spliced
   * into `data`, which must be the last member.
   */
  readonly json: string;
  /** Position of this event among those of its body, from 0. */
  readonly index: number;
  readonly identity: NewIdentity;
}

export interface NewIdentity {
  /** JSON text in which an address is written `{"jid":"…"}`; see `identityForms`. */
  readonly key: string;
  /** Unix milliseconds after which a repeat is a new event; absent: as long as the event lives. */
  readonly expiresAt?: number;
  /**
   * When it was seen, on the clock of `expiresAt`; absent: `receivedAt`. A clock that does not jump while
   * the process runs, so that setting the machine's clock neither ends a window nor draws it out.
   */
  readonly seenAt?: number;
  /** The event lacks its content; a copy with it is appended as well. */
  readonly contentMissing: boolean;
  /** SHA-256 of the body, lower-case hex. */
  readonly bodyHash: string;
  /** The provider's name of the event. */
  readonly source: string;
}

export interface AppendEntry {
  /** Absent for events of our own. */
  readonly body?: NewBody;
  readonly events: readonly NewEvent[];
}

export type AppendOutcome =
  | { readonly kind: "appended"; readonly event: StoredEvent }
  | { readonly kind: "duplicate"; readonly of: string; readonly cause: DuplicateCause };

export interface StoredEvent {
  readonly tenantId: string;
  readonly offset: number;
  readonly id: string;
  readonly type: string;
  readonly instanceId?: string;
  readonly chatId?: string;
  readonly bodyId?: number;
  /** Position among the events of its body, from 0. */
  readonly index: number;
  readonly receivedAt: number;
  /** The whole envelope without `raw`; `data` is its last member. */
  readonly json: string;
}

export interface StoredBody {
  readonly text: string;
  readonly meta: BodyMeta;
}

export type CommitListener = (events: readonly StoredEvent[]) => void;

/** All given conditions must hold. Times are Unix milliseconds of `receivedAt`; `since` inclusive, `until` exclusive. */
export interface EventFilter {
  readonly instanceId?: string;
  readonly types?: readonly string[];
  readonly chatId?: string;
  readonly phone?: string;
  /** With `phone`: events whose contact was known only by one of these LIDs match as well; at most 100. */
  readonly lids?: readonly string[];
  readonly messageId?: string;
  readonly fromMe?: boolean;
  readonly unrecognised?: boolean;
  readonly since?: number;
  readonly until?: number;
  /** Only offsets below this one: the next page. */
  readonly before?: number;
  /** Only offsets above this one; the answer is then oldest first. */
  readonly after?: number;
  /** 1–1,000. */
  readonly limit: number;
}
