import { fdatasync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { RecadoError } from "../../base/recado-error.ts";
import type { DiskSpace, StoreHealth } from "../contract/index.ts";
import { CommitQueue, type Job, type WriteCost } from "./commit-queue.ts";
import { StoreCondition } from "./faults/store-condition.ts";
import { probeBytes, probeWaitMs, writeProbe } from "./faults/write-probe.ts";
import { classifyFailure, reasonOf } from "./sqlite-error.ts";

export type { WriteCost } from "./commit-queue.ts";

/**
 * The only writer of the database: what arrives while one flush is under way shares the next commit.
 *
 * Owns: transactions, the sync that makes them durable, and when a caller hears of it. Must not know:
 * what the jobs write.
 *
 * I1 A write resolves only after the WAL with its commit was synced.
 * I2 One flush at a time: nothing is written between a commit and the end of its sync, so that a sync
 *    covers exactly the commits before it.
 * I3 A job that throws rolls back alone; the others of its commit are stored.
 * I4 A failed sync is final: the kernel may have dropped the pages, so trying again could acknowledge
 *    what is lost. So is damage, met by a commit or by a read, and a WAL that is no longer in its place.
 *    Everything waiting and everything later is refused.
 * I5 What waits is bounded; above the bound a write is refused with `store_unavailable`, which makes a
 *    provider send it again.
 * I6 After a commit that failed for now (a full disk) writes are refused at once, until a probe of our own
 *    was committed and synced: whether the store works again does not wait for traffic to try it.
 * Proven by `group-commit.test.ts` and, over kills of the process, `crash.process.test.ts`.
 */
export interface GroupCommitOptions {
  readonly db: DatabaseSync;
  readonly walFd: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hooks: CommitHooks;
  /** `fs.fdatasync`, replaced in tests. */
  readonly sync?: SyncFile;
  /** Whether the path of the WAL still names the file behind `walFd`. Asked once for each commit. */
  readonly walInPlace?: () => boolean;
  /** Writes are taken again after they were refused: background work may go on. */
  readonly recovered?: () => void;
}

export type SyncFile = (fd: number, done: (error: Error | null) => void) => void;

/** State beside the database that follows its transactions. */
export interface CommitHooks {
  /** Inside the transaction, after its jobs: writes what was only counted so far. */
  beforeCommit(): void;
  /** The transaction, or a part of it, did not happen: what is remembered must be read again. */
  rolledBack(): void;
  /** The commit is on disk and its callers have been answered. */
  durable(): void;
}

/** Longest time that a flush waits for company while more arrives. */
const gatherMs = 5;

/** A flush longer than this is worth a line in the operator's log. */
const slowFlushMs = 1_000;

function unavailable(reason: string, cause?: unknown): RecadoError {
  return new RecadoError("store_unavailable", [reason], { cause });
}

export class GroupCommit {
  /** See `Store.failed`. */
  readonly failed: Promise<Error>;
  readonly #options: GroupCommitOptions;
  readonly #sync: SyncFile;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #queue = new CommitQueue();
  readonly #waitingReads: WaitingRead[] = [];
  #state: "idle" | "scheduled" | "syncing" | "settling" = "idle";
  /** Why everything is refused for good. */
  #failure: RecadoError | undefined;
  #isClosing = false;
  readonly #condition: StoreCondition;
  /** Of the probes since writes are refused. */
  #probes = 0;
  #probeBytes = 0;
  #cancelProbe: () => void = () => {};
  #reportFailure: (error: Error) => void = () => {};
  #drained: (() => void) | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#sync = options.sync ?? fdatasync;
    this.#condition = new StoreCondition(options.clock, options.logger);
    this.#begin = options.db.prepare("BEGIN IMMEDIATE");
    this.#commit = options.db.prepare("COMMIT");
    this.failed = new Promise((resolve) => {
      this.#reportFailure = resolve;
    });
  }

  health(disk: DiskSpace | undefined): StoreHealth {
    return this.#condition.health(disk);
  }

  /** False while writes are refused, and after `close`: background work must not queue more. */
  get accepts(): boolean {
    return this.#refusal === undefined;
  }

  /**
   * Runs `run` in the next transaction and resolves with its answer once that is on disk. It may run
   * twice, after a rollback in between, so it must change nothing but the database. `durable` is called
   * right before the promise resolves.
   */
  write<T>(cost: WriteCost, run: () => T, durable?: (result: T) => void): Promise<T> {
    const refusal = this.#refusal;
    if (refusal) {
      if (!this.#isClosing) this.#condition.countRefused(1);
      return Promise.reject(refusal);
    }
    if (!this.#queue.hasRoomFor(cost.bytes, cost.tenantId))
      return Promise.reject(unavailable("too many writes are waiting"));
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#queue.push({
        ...cost,
        run: () => {
          result = run();
        },
        settle: () => {
          durable?.(result);
          resolve(result);
        },
        reject,
      });
      this.#schedule();
    });
  }

  /** Reads when everything visible is on disk: at once, or at the end of the sync under way. */
  readDurable<T>(run: () => T): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#state !== "syncing") return this.read(run);
    if (this.#waitingReads.length >= CommitQueue.maxJobs) {
      return Promise.reject(unavailable("too many reads are waiting"));
    }
    return new Promise<T>((resolve, reject) => {
      this.#waitingReads.push({ run: () => this.read(run).then(resolve, reject), reject });
    });
  }

  /** Reads at once: what is seen may not be on disk yet, but everything written because of it is later than it. */
  async read<T>(run: () => T): Promise<T> {
    if (!this.#options.db.isOpen) throw unavailable("the store is closed");
    try {
      return run();
    } catch (error) {
      const kind = classifyFailure(error);
      if (kind === "statement") throw error;
      if (kind === "fatal") this.fail(reasonOf(error), error);
      throw unavailable(reasonOf(error), error);
    }
  }

  /**
   * Nothing is acknowledged any more, for a reason met outside of a commit: what waits is refused now, a
   * commit whose sync is under way when that ends.
   */
  fail(reason: string, cause: unknown): void {
    if (this.#failure) return;
    const failure = unavailable("the store failed and must be opened again", cause);
    this.#failure = failure;
    this.#cancelProbe();
    this.#condition.fail(reason, cause);
    this.#reject(this.#queue.takeAll(), failure);
    for (const read of this.#waitingReads.splice(0)) read.reject(failure);
    this.#reportFailure(failure);
  }

  /** To be called when the WAL was seen to be gone while nothing was written; with a sync under way, that sees it. */
  checkWal(): void {
    if (this.#state === "idle" && !this.#failure) this.#walIsGone([]);
  }

  /** Refuses new writes and resolves when those accepted are settled. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#cancelProbe();
    if (this.#state === "idle") return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /**
   * The next flush starts after a round of the event loop that brought nothing new, at the latest after
   * {@link gatherMs}: what arrives together is committed together, and each page of the database is
   * written once for all of it. When little arrives this waits for one idle round, some microseconds.
   */
  #schedule(): void {
    if (this.#state !== "idle") return;
    this.#state = "scheduled";
    this.#gather(this.#queue.length, this.#options.clock.monotonic() + gatherMs);
  }

  #gather(before: number, until: number): void {
    setImmediate(() => {
      const now = this.#queue.length;
      if (now === before || this.#options.clock.monotonic() >= until) this.#flush();
      else this.#gather(now, until);
    });
  }

  #flush(): void {
    if (this.#failure) {
      this.#continue();
      return;
    }
    const startedAt = this.#options.clock.monotonic();
    const batch = this.#queue.take();
    let committed: readonly Job[];
    try {
      committed = this.#commitTogether(batch) ?? this.#commitOneByOne(batch);
    } catch (error) {
      this.#commitFailed(batch, error);
      return;
    }
    this.#syncThen(committed, startedAt);
  }

  /** Makes `committed` durable and answers it. `whenDurable` runs before anything else is written. */
  #syncThen(committed: readonly Job[], startedAt: number, whenDurable?: () => void): void {
    this.#state = "syncing";
    this.#sync(this.#options.walFd, (error) => {
      const durationMs = this.#options.clock.monotonic() - startedAt;
      if (durationMs > slowFlushMs)
        this.#options.logger.warn({ durationMs, jobs: committed.length }, "a commit took long");
      if (error) this.#failCommit(committed, reasonOf(error), error);
      else if (this.#failure) this.#failCommit(committed, "", this.#failure);
      else if (this.#options.walInPlace?.() === false) this.#walIsGone(committed);
      else {
        whenDurable?.();
        this.#settle(committed);
      }
    });
  }

  /** Undefined when a job threw: then nothing of the batch is stored. */
  #commitTogether(batch: readonly Job[]): readonly Job[] | undefined {
    const { hooks } = this.#options;
    this.#begin.run();
    try {
      for (const job of batch) job.run();
      hooks.beforeCommit();
      this.#commit.run();
      return batch;
    } catch (error) {
      this.#rollback();
      if (classifyFailure(error) !== "statement") throw error;
      return undefined;
    }
  }

  /** The slow way round, only after a job threw: each in a savepoint, so that those which throw fail alone. */
  #commitOneByOne(batch: readonly Job[]): readonly Job[] {
    const { db, hooks } = this.#options;
    const done: Job[] = [];
    this.#begin.run();
    try {
      for (const job of batch) {
        db.exec("SAVEPOINT job");
        try {
          job.run();
          hooks.beforeCommit();
          done.push(job);
        } catch (error) {
          if (classifyFailure(error) !== "statement") throw error;
          db.exec("ROLLBACK TO job");
          hooks.rolledBack();
          job.reject(error);
        }
        db.exec("RELEASE job");
      }
      this.#commit.run();
      return done;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    // Some errors (disk full, out of memory) make SQLite roll back by itself.
    if (this.#options.db.isTransaction) this.#options.db.exec("ROLLBACK");
    this.#options.hooks.rolledBack();
  }

  #commitFailed(batch: readonly Job[], error: unknown): void {
    const reason = reasonOf(error);
    if (classifyFailure(error) === "fatal") {
      this.#failCommit(batch, reason, error);
      return;
    }
    this.#condition.refuse(reason, error);
    this.#probeBytes = probeBytes(batch.reduce((sum, { bytes }) => sum + bytes, 0));
    this.#probes = 0;
    const refusal = unavailable(reason, error);
    this.#reject(batch, refusal);
    // What waits would only meet the same, while its senders wait for an answer.
    this.#reject(this.#queue.takeAll(), refusal);
    this.#scheduleProbe();
    this.#continue();
  }

  #scheduleProbe(): void {
    if (this.#isClosing || this.#failure) return;
    this.#cancelProbe = this.#options.clock.after(probeWaitMs(this.#probes), () => this.#probe());
    this.#probes += 1;
  }

  /** Nothing is queued while writes are refused, so nothing is under way. */
  #probe(): void {
    if (this.#isClosing || this.#failure) return;
    const startedAt = this.#options.clock.monotonic();
    try {
      writeProbe(this.#options.db, this.#probeBytes);
    } catch (error) {
      if (classifyFailure(error) === "fatal") this.#failCommit([], reasonOf(error), error);
      else {
        this.#condition.refuse(reasonOf(error), error);
        this.#scheduleProbe();
      }
      return;
    }
    this.#syncThen([], startedAt, () => {
      this.#condition.recover();
      this.#options.recovered?.();
    });
  }

  /**
   * What was acknowledged since the last checkpoint is in a file that nobody will find again. It is still
   * open here: it is moved into the database, so that the next start has all of it.
   */
  #walIsGone(committed: readonly Job[]): void {
    const reason = "the database's write-ahead log was removed or replaced";
    let cause: unknown = new Error(reason);
    try {
      this.#options.db.exec("PRAGMA wal_checkpoint(FULL)");
    } catch (error) {
      cause = error;
    }
    this.#failCommit(committed, reason, cause);
  }

  #failCommit(batch: readonly Job[], reason: string, cause: unknown): void {
    this.fail(reason, cause);
    this.#reject(batch, this.#failure);
    this.#continue();
  }

  #reject(jobs: readonly Job[], error: unknown): void {
    this.#condition.countRefused(jobs.length);
    for (const job of jobs) job.reject(error);
  }

  #settle(committed: readonly Job[]): void {
    this.#state = "settling";
    for (const job of committed) job.settle();
    this.#options.hooks.durable();
    // Before the next commit, since from then on its unsynced rows would be seen as well.
    for (const read of this.#waitingReads.splice(0)) void read.run();
    this.#continue();
  }

  get #refusal(): RecadoError | undefined {
    if (this.#failure) return this.#failure;
    if (this.#isClosing) return unavailable("the store is closed");
    if (this.#condition.state === "well") return undefined;
    return unavailable(this.#condition.reason ?? "the store cannot write");
  }

  #continue(): void {
    this.#state = "idle";
    if (!this.#queue.isEmpty) {
      this.#schedule();
      return;
    }
    this.#drained?.();
  }
}

interface WaitingRead {
  run(): Promise<void>;
  reject(error: Error): void;
}
