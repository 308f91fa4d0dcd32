/** What a write weighs: rows bound a transaction's length, bytes bound memory. */
export interface WriteCost {
  readonly rows: number;
  readonly bytes: number;
  /** Whose write it is: tenants take turns, and each has a share of the room. Absent: the system's own. */
  readonly tenantId?: string;
}

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

interface Share {
  jobs: number;
  bytes: number;
}

const nothing: Readonly<Share> = { jobs: 0, bytes: 0 };

/**
 * Writes waiting for a commit, bounded in number and bytes, fair between tenants.
 *
 * A tenant's writes keep their order. When more waits than a commit takes, tenants take turns, so that
 * one with thousands in front costs another at most the commit under way. A tenant may take as much room as
 * is left besides: one that floods gets half, two get a third each, and whoever comes next finds room.
 */
export class CommitQueue {
  static readonly maxJobs = 10_000;
  /** In order of arrival. */
  #jobs: Job[] = [];
  readonly #shares = new Map<string, Share>();
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
    if (this.#jobs.length === 0) return true;
    // The system's own writes are not driven from outside: they may take what is left.
    const share = (tenantId === undefined ? undefined : this.#shares.get(tenantId)) ?? nothing;
    return (
      share.jobs + this.#jobs.length < CommitQueue.maxJobs &&
      share.bytes + this.#bytes + bytes <= maxQueuedBytes
    );
  }

  push(job: Job): void {
    const tenantId = job.tenantId ?? "";
    const share = this.#shares.get(tenantId);
    if (share === undefined) this.#shares.set(tenantId, { jobs: 1, bytes: job.bytes });
    else {
      share.jobs += 1;
      share.bytes += job.bytes;
    }
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
    this.#shares.clear();
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
  const lanes = Map.groupBy(jobs, ({ tenantId }) => tenantId ?? "");
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
