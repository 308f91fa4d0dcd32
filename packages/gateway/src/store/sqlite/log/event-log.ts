import type { DatabaseSync } from "node:sqlite";
import type {
  AppendEntry,
  AppendOutcome,
  CommitListener,
  DuplicateTotals,
  EventFilter,
  EventLog,
  KeepRule,
  LearntPair,
  StoredBody,
  StoredEvent,
  TenantScope,
} from "../../contract/index.ts";
import type { GroupCommit, WriteCost } from "../group-commit.ts";
import { BlockWriter } from "../cold/block-writer.ts";
import { FreePages } from "../cold/free-pages.ts";
import { RowPacking } from "../cold/row-packing.ts";
import type { Appender } from "./append.ts";
import type { CommitFeed } from "./commit-feed.ts";
import { EventReads } from "./event-reads.ts";
import type { EventIndex } from "./event-index.ts";
import type { PairFeed } from "../people/pair-feed.ts";
import type { RecentEvents } from "./recent-events.ts";
import type { Reader } from "../reading/reader.ts";
import { Expirer } from "../retention/expire.ts";

export interface SqliteEventLogOptions {
  readonly db: DatabaseSync;
  readonly writer: GroupCommit;
  readonly appender: Appender;
  readonly recent: RecentEvents;
  readonly index: EventIndex;
  readonly feed: CommitFeed;
  readonly pairFeed: PairFeed;
  readonly reader: Reader;
  readonly epoch: string;
}

/** Rough bytes of an event beside its texts, for the bound on what waits. */
const eventOverheadBytes = 512;

/** A step of compaction beside events: a block, or as many pages. */
const compactRows = 64;

function appendCost({ tenantId }: TenantScope, entry: AppendEntry): WriteCost {
  let bytes = entry.body?.text.length ?? 0;
  for (const event of entry.events) bytes += event.json.length + eventOverheadBytes;
  return { tenantId, rows: entry.events.length, bytes };
}

/** The event log over SQLite; its invariants are those of the contract. */
export class SqliteEventLog implements EventLog {
  readonly epoch: string;
  readonly #writer: GroupCommit;
  readonly #appender: Appender;
  readonly #reads: EventReads;
  readonly #reader: Reader;
  readonly #expirer: Expirer;
  readonly #blocks: BlockWriter;
  readonly #rowPacking: RowPacking;
  readonly #freePages: FreePages;
  /** The log's number of the tenant whose events were compressed last. */
  #compacting = 0;
  readonly #feed: CommitFeed;
  readonly #pairFeed: PairFeed;

  constructor(options: SqliteEventLogOptions) {
    this.epoch = options.epoch;
    this.#writer = options.writer;
    this.#appender = options.appender;
    this.#feed = options.feed;
    this.#reader = options.reader;
    this.#pairFeed = options.pairFeed;
    this.#reads = new EventReads(options.db, options.recent);
    this.#blocks = new BlockWriter(options.db);
    this.#rowPacking = new RowPacking(options.db);
    this.#freePages = new FreePages(options.db);
    this.#expirer = new Expirer(options.db, options.index);
  }

  append(scope: TenantScope, entry: AppendEntry): Promise<readonly AppendOutcome[]> {
    let learnt: readonly LearntPair[] = [];
    return this.#writer.write(
      appendCost(scope, entry),
      () => {
        const appended = this.#appender.append(scope.tenantId, entry);
        learnt = appended.learnt;
        return appended.outcomes;
      },
      (outcomes) => {
        this.#pairFeed.collect(learnt);
        this.#feed.collect(outcomes);
      },
    );
  }

  subscribe(listener: CommitListener): () => void {
    return this.#feed.subscribe(listener);
  }

  readAfter(scope: TenantScope, offset: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.#writer.readDurable(() => this.#reads.readAfter(scope.tenantId, offset, limit));
  }

  query(scope: TenantScope, filter: EventFilter): Promise<readonly StoredEvent[]> {
    return this.#reader.ask("query", { tenantId: scope.tenantId, filter });
  }

  byId(scope: TenantScope, eventId: string): Promise<StoredEvent | undefined> {
    return this.#writer.readDurable(() => this.#reads.byId(scope.tenantId, eventId));
  }

  body(scope: TenantScope, bodyId: number): Promise<StoredBody | undefined> {
    return this.#writer.readDurable(() => this.#reads.body(scope.tenantId, bodyId));
  }

  keptBytes(scope: TenantScope): Promise<number> {
    return this.#writer.readDurable(() => this.#reads.keptBytes(scope.tenantId));
  }

  bounds(scope: TenantScope): Promise<{ readonly head: number; readonly floor: number }> {
    return this.#writer.readDurable(() => this.#reads.bounds(scope.tenantId));
  }

  duplicates(scope: TenantScope): Promise<DuplicateTotals> {
    return this.#writer.readDurable(() => this.#reads.duplicates(scope.tenantId));
  }

  duplicatesByInstance(scope: TenantScope): Promise<ReadonlyMap<string, DuplicateTotals>> {
    return this.#writer.readDurable(() => this.#reads.duplicatesByInstance(scope.tenantId));
  }

  lastEvents(
    scope: TenantScope,
  ): Promise<
    readonly { readonly instanceId: string; readonly receivedAt: number; readonly count: number }[]
  > {
    return this.#writer.readDurable(() => this.#reads.lastEvents(scope.tenantId));
  }

  async compact(before: number): Promise<boolean> {
    const block = await this.#reader.ask("coldBlock", { before, fromTenant: this.#compacting });
    this.#compacting = block?.tenant ?? 0;
    return this.#writer.write({ rows: compactRows, bytes: 0 }, () => {
      if (!block) return this.#rowPacking.step(before) || this.#freePages.step();
      this.#blocks.write(block);
      return true;
    });
  }

  expire(
    before: number,
    now: number,
    limit: number,
    ruleOf?: (tenantId: string) => KeepRule | undefined,
  ): Promise<number> {
    return this.#writer.write({ rows: limit, bytes: 0 }, () =>
      this.#expirer.run((tenantId) => ruleOf?.(tenantId) ?? { before }, now, limit),
    );
  }
}
