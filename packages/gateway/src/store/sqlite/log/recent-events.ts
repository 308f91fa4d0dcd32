import type { DatabaseSync, StatementSync } from "node:sqlite";
import { unpackId } from "../packing/packed-id.ts";

/** A stored event that is not indexed yet, with what it is found by. */
export interface RecentEvent {
  readonly position: number;
  /** The log's number of the tenant. */
  readonly tenant: number;
  readonly offset: number;
  readonly id: string;
  /** Of the identity. */
  readonly hash: number;
  readonly instance: string | null;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

type StoredRecentEvent = Omit<RecentEvent, "id"> & { readonly id: string | Uint8Array };

interface Loaded {
  /** Ascending positions. */
  readonly events: RecentEvent[];
  readonly byId: Map<string, RecentEvent>;
  readonly byHash: Map<number, RecentEvent[]>;
  /** Dense and ascending offsets per tenant. */
  readonly byTenant: Map<number, RecentEvent[]>;
  position: number;
  bodyId: number;
}

const none: readonly RecentEvent[] = [];

/**
 * The events above the position through which everything is indexed, at most some thousand. It is a copy
 * of rows, read again after a rollback; whoever looks an event up asks here and in the index.
 */
export class RecentEvents {
  readonly #rows: StatementSync;
  readonly #progress: StatementSync;
  #loaded: Loaded | undefined;

  constructor(db: DatabaseSync) {
    this.#rows = db.prepare(
      `SELECT position, tenant, "offset", id, identity_hash AS hash, instance, received_at AS receivedAt
       FROM events WHERE position > ? ORDER BY position`,
    );
    this.#progress = db.prepare(
      "SELECT through, max(bodies, coalesce((SELECT max(id) FROM bodies), 0)) AS bodies FROM log_progress",
    );
  }

  get count(): number {
    return this.#current().events.length;
  }

  /** Positions are never given twice: what was indexed under one must not find another event. */
  nextPosition(): number {
    return (this.#current().position += 1);
  }

  /** Newest position given. */
  get lastPosition(): number {
    return this.#current().position;
  }

  nextBodyId(): number {
    return (this.#current().bodyId += 1);
  }

  get lastBodyId(): number {
    return this.#current().bodyId;
  }

  add(event: RecentEvent): void {
    remember(this.#current(), event);
  }

  byId(id: string): RecentEvent | undefined {
    return this.#current().byId.get(id);
  }

  /** Oldest first. */
  byHash(hash: number): readonly RecentEvent[] {
    return this.#current().byHash.get(hash) ?? none;
  }

  /** A tenant's, oldest first. */
  ofTenant(tenant: number): readonly RecentEvent[] {
    return this.#current().byTenant.get(tenant) ?? none;
  }

  /** Newest offset of a tenant here, 0 when it has none here. */
  headOf(tenant: number): number {
    return this.ofTenant(tenant).at(-1)?.offset ?? 0;
  }

  /** Those of a tenant with offsets from `first` to `last`, oldest first. */
  between(tenant: number, first: number, last: number): readonly RecentEvent[] {
    const events = this.ofTenant(tenant);
    const begin = events[0]?.offset;
    if (begin === undefined) return none;
    return events.slice(Math.max(0, first - begin), Math.max(0, last - begin + 1));
  }

  /** All of it is in the index now. */
  indexed(): void {
    const { position, bodyId } = this.#current();
    this.#loaded = empty(position, bodyId);
  }

  /** The transaction did not happen. */
  forget(): void {
    this.#loaded = undefined;
  }

  #current(): Loaded {
    return (this.#loaded ??= this.#load());
  }

  #load(): Loaded {
    const progress = this.#progress.get() as { readonly through: number; readonly bodies: number };
    const loaded = empty(progress.through, progress.bodies);
    for (const row of this.#rows.iterate(progress.through)) {
      const stored = row as unknown as StoredRecentEvent;
      const event = { ...stored, id: unpackId(stored.id) };
      loaded.position = event.position;
      remember(loaded, event);
    }
    return loaded;
  }
}

function empty(position: number, bodyId: number): Loaded {
  return {
    events: [],
    byId: new Map(),
    byHash: new Map(),
    byTenant: new Map(),
    position,
    bodyId,
  };
}

function remember({ events, byId, byHash, byTenant }: Loaded, event: RecentEvent): void {
  events.push(event);
  byId.set(event.id, event);
  const sameHash = byHash.get(event.hash);
  if (sameHash) sameHash.push(event);
  else byHash.set(event.hash, [event]);
  const ofTenant = byTenant.get(event.tenant);
  if (ofTenant) ofTenant.push(event);
  else byTenant.set(event.tenant, [event]);
}
