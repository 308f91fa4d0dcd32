/** What a write weighs: rows bound a transaction's length, bytes bound memory. */
export interface WriteCost {
  readonly rows: number;
  readonly bytes: number;
  /** Whose write it is: tenants take turns, and each has a share of the room. Absent: the system's own. */
  readonly tenantId?: string;
}

import { FairRoom } from "../../base/fair-room.ts";

/** A write waiting for its transaction. */
export interface Job extends WriteCost {
  run(): void;
  settle(): void;
  reject(error: unknown): void;
}

/** Longer transactions gain nothing and keep the event loop busy. One job is never split. */
const maxRowsPerCommit = 512;
const maxBytesPerCommit = 8 * 1024 * 1024;
const maxQueuedBytes = 64 * 1024 * 1024;

/** The share of the system's own writes, which are not driven from outside. */
const system = "";

/**
 * Writes waiting for a commit, bounded in number and bytes, fair between tenants.
 *
 * A tenant's writes keep their order. When more waits than a commit takes, tenants take turns, so that
 * one with thousands in front costs another at most the commit under way.
 */
export class CommitQueue {
  static readonly maxJobs = 10_000;
  /** In order of arrival. */
  #jobs: Job[] = [];
  readonly #room = new FairRoom(CommitQueue.maxJobs, maxQueuedBytes);
  #rows = 0;
  #bytes = 0;

  get length(): number {
    return this.#jobs.length;
  }

  get isEmpty(): boolean {
    return this.#jobs.length === 0;
  }

  /** An empty queue has room for anything, so that one large body is not refused for ever. */
  hasRoomFor(bytes: number, tenantId?: string): boolean {
    if (tenantId !== undefined) return this.#room.isFor(tenantId, bytes);
    if (this.isEmpty) return true;
    return this.length < CommitQueue.maxJobs && this.#bytes + bytes <= maxQueuedBytes;
  }

  push(job: Job): void {
    this.#room.take(job.tenantId ?? system, job.bytes);
    this.#jobs.push(job);
    this.#rows += job.rows;
    this.#bytes += job.bytes;
  }

  /** The jobs of the next transaction: at least one, when there is one. */
  take(): readonly Job[] {
    if (this.#rows <= maxRowsPerCommit && this.#bytes <= maxBytesPerCommit) return this.takeAll();
    const taken = inTurns(this.#jobs);
    const left = this.#jobs.filter((job) => !taken.has(job));
    this.takeAll();
    for (const job of left) this.push(job);
    return [...taken];
  }

  takeAll(): readonly Job[] {
    const all = this.#jobs;
    this.#jobs = [];
    this.#room.clear();
    this.#rows = 0;
    this.#bytes = 0;
    return all;
  }
}

/**
 * What one commit takes of `jobs`: the first of each tenant, then the second, and so on, until nothing more
 * fits. Whose job waits longest begins, so that nobody is passed over for long however many tenants wait; a
 * job that does not fit ends the turns of its tenant only, and is then the one that waits longest.
 */
function inTurns(jobs: readonly Job[]): ReadonlySet<Job> {
  const lanes = Map.groupBy(jobs, ({ tenantId }) => tenantId ?? system);
  const taken = new Set<Job>();
  let rows = 0;
  let bytes = 0;
  for (let turn = 0; lanes.size > 0; turn += 1) {
    for (const [tenantId, lane] of lanes) {
      const job = lane[turn];
      const fits =
        job !== undefined &&
        (taken.size === 0 ||
          (rows + job.rows <= maxRowsPerCommit && bytes + job.bytes <= maxBytesPerCommit));
      if (!fits) {
        lanes.delete(tenantId);
        continue;
      }
      taken.add(job);
      rows += job.rows;
      bytes += job.bytes;
    }
  }
  return taken;
}
