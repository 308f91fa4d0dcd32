import type {
  AppendEntry,
  AppendOutcome,
  CommitListener,
  DuplicateTotals,
  EventFilter,
  EventLog,
  StoredBody,
  StoredEvent,
  TenantScope,
} from "../contract/index.ts";
import { AppendQueue } from "./append/append-queue.ts";
import { appendInTransaction } from "./append/append-transaction.ts";
import type { Database } from "./database.ts";
import { asStoreError } from "./postgres-error.ts";
import { EventReads } from "./read/event-reads.ts";
import { expireEvents } from "./retention/expire.ts";
import type { Tail } from "./tail.ts";

/** The event log over PostgreSQL; its invariants are those of the contract. */
export class PostgresEventLog implements EventLog {
  readonly epoch: string;
  readonly #sql: Database;
  readonly #tail: Tail;
  readonly #reads: EventReads;
  readonly #queue: AppendQueue;

  constructor(sql: Database, tail: Tail, epoch: string) {
    this.epoch = epoch;
    this.#sql = sql;
    this.#tail = tail;
    this.#reads = new EventReads(sql);
    this.#queue = new AppendQueue({
      commit: (entries) => appendInTransaction(sql, entries),
      committed: (committed) => tail.committed(committed),
    });
  }

  append({ tenantId }: TenantScope, entry: AppendEntry): Promise<readonly AppendOutcome[]> {
    return this.#queue.add({ tenantId, entry });
  }

  subscribe(listener: CommitListener): () => void {
    return this.#tail.subscribe(listener);
  }

  readAfter(scope: TenantScope, offset: number, limit: number): Promise<readonly StoredEvent[]> {
    return orStoreError(this.#reads.readAfter(scope, offset, limit));
  }

  query(scope: TenantScope, filter: EventFilter): Promise<readonly StoredEvent[]> {
    return orStoreError(this.#reads.query(scope, filter));
  }

  byId(scope: TenantScope, eventId: string): Promise<StoredEvent | undefined> {
    return orStoreError(this.#reads.byId(scope, eventId));
  }

  body(scope: TenantScope, bodyId: number): Promise<StoredBody | undefined> {
    return orStoreError(this.#reads.body(scope, bodyId));
  }

  bounds(scope: TenantScope): Promise<{ readonly head: number; readonly floor: number }> {
    return orStoreError(this.#reads.bounds(scope));
  }

  duplicates(scope: TenantScope): Promise<DuplicateTotals> {
    return orStoreError(this.#reads.duplicates(scope));
  }

  duplicatesByInstance(scope: TenantScope): Promise<ReadonlyMap<string, DuplicateTotals>> {
    return orStoreError(this.#reads.duplicatesByInstance(scope));
  }

  lastEvents(
    scope: TenantScope,
  ): Promise<
    readonly { readonly instanceId: string; readonly receivedAt: number; readonly count: number }[]
  > {
    return orStoreError(this.#reads.lastEvents(scope));
  }

  expire(before: number, now: number, limit: number): Promise<number> {
    return orStoreError(expireEvents(this.#sql, before, now, limit));
  }

  /** They are not counted here: logs are kept by time alone. */
  keptBytes(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** PostgreSQL compresses long texts and looks after free room by itself. */
  compact(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Refuses new appends; resolves when those accepted are settled. */
  close(): Promise<void> {
    return this.#queue.close();
  }
}

async function orStoreError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asStoreError(error);
  }
}
