/** A write waiting for its transaction. */
export interface Job {
  readonly rows: number;
  readonly bytes: number;
  run(): void;
  settle(): void;
  reject(error: unknown): void;
}

/** Longer transactions gain nothing and keep the event loop busy. One job is never split. */
const maxRowsPerCommit = 512;
const maxBytesPerCommit = 8 * 1024 * 1024;
const maxQueuedBytes = 64 * 1024 * 1024;

/** Writes in order of arrival, bounded in number and bytes. */
export class CommitQueue {
  static readonly maxJobs = 10_000;
  #jobs: Job[] = [];
  #bytes = 0;

  get length(): number {
    return this.#jobs.length;
  }

  get isEmpty(): boolean {
    return this.#jobs.length === 0;
  }

  /** An empty queue has room for anything, so that one large body is not refused for ever. */
  hasRoomFor(bytes: number): boolean {
    if (this.#jobs.length === 0) return true;
    return this.#jobs.length < CommitQueue.maxJobs && this.#bytes + bytes <= maxQueuedBytes;
  }

  push(job: Job): void {
    this.#jobs.push(job);
    this.#bytes += job.bytes;
  }

  /** The jobs of the next transaction: at least one, when there is one. */
  take(): readonly Job[] {
    let count = 0;
    let rows = 0;
    let bytes = 0;
    for (const job of this.#jobs) {
      if (
        count > 0 &&
        (rows + job.rows > maxRowsPerCommit || bytes + job.bytes > maxBytesPerCommit)
      )
        break;
      count += 1;
      rows += job.rows;
      bytes += job.bytes;
    }
    this.#bytes -= bytes;
    if (count === this.#jobs.length) {
      const all = this.#jobs;
      this.#jobs = [];
      return all;
    }
    return this.#jobs.splice(0, count);
  }

  takeAll(): readonly Job[] {
    const all = this.#jobs;
    this.#jobs = [];
    this.#bytes = 0;
    return all;
  }
}
