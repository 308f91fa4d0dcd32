import type { AppendOutcome } from "../../contract/index.ts";
import { asStoreError, isWrongStatement, unavailable } from "../postgres-error.ts";
import { WrongEntryError } from "./append-decision.ts";
import type { Committed } from "./append-transaction.ts";
import type { TenantEntry } from "./tenant-entry.ts";

/** Longer transactions hold the lane longer than they gain. An entry is never split. */
const maxRowsPerCommit = 512;
const maxBytesPerCommit = 8 * 1024 * 1024;
const maxWaiting = 10_000;
const maxWaitingBytes = 64 * 1024 * 1024;
/** Rough bytes of an event beside its texts. */
const eventOverheadBytes = 512;

interface Waiting extends TenantEntry {
  readonly bytes: number;
  resolve(outcomes: readonly AppendOutcome[]): void;
  reject(error: unknown): void;
}

export interface AppendQueueOptions {
  readonly commit: (entries: readonly TenantEntry[]) => Promise<Committed>;
  /** Called after each commit; its entries are answered when it resolves, which it must. */
  readonly committed: (committed: Committed) => Promise<void>;
}

/**
 * What arrives while one transaction is under way shares the next. What waits is bounded; above the bound
 * an append is refused with `store_unavailable`. An entry that cannot be stored fails alone.
 */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  add(of: TenantEntry): Promise<readonly AppendOutcome[]> {
    const bytes = bytesOf(of);
    if (this.#isClosed) return Promise.reject(unavailable("the store is closed"));
    if (!this.#hasRoomFor(bytes)) return Promise.reject(unavailable("too many writes are waiting"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...of, bytes, resolve, reject });
      this.#bytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Refuses new entries; resolves when those accepted are settled. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  /** An empty queue has room for anything, so that one large body is not refused for ever. */
  #hasRoomFor(bytes: number): boolean {
    if (this.#waiting.length === 0) return true;
    return this.#waiting.length < maxWaiting && this.#bytes + bytes <= maxWaitingBytes;
  }

  async #run(): Promise<void> {
    // What is appended in the same round of the event loop belongs into the first transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#store(this.#take());
    this.#running = undefined;
  }

  #take(): readonly Waiting[] {
    let count = 0;
    let rows = 0;
    let bytes = 0;
    for (const one of this.#waiting) {
      rows += one.entry.events.length;
      bytes += one.bytes;
      if (count > 0 && (rows > maxRowsPerCommit || bytes > maxBytesPerCommit)) break;
      count += 1;
      this.#bytes -= one.bytes;
    }
    return this.#waiting.splice(0, count);
  }

  /** Settles every entry; never rejects. */
  async #store(batch: readonly Waiting[]): Promise<void> {
    let committed: Committed;
    try {
      committed = await this.#options.commit(batch);
    } catch (error) {
      await this.#storeRest(batch, error);
      return;
    }
    await this.#options.committed(committed);
    for (const [index, one] of batch.entries()) {
      const result = committed.results[index];
      if (result === undefined || result instanceof Error) one.reject(result);
      else one.resolve(result);
    }
  }

  async #storeRest(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (error instanceof WrongEntryError) {
      batch[error.index]?.reject(error.cause);
      const rest = batch.filter((_, index) => index !== error.index);
      if (rest.length > 0) await this.#store(rest);
      return;
    }
    if (!isWrongStatement(error) || batch.length === 1) {
      for (const one of batch) one.reject(asStoreError(error));
      return;
    }
    // The server does not say which: halves find it.
    const middle = Math.ceil(batch.length / 2);
    await this.#store(batch.slice(0, middle));
    await this.#store(batch.slice(middle));
  }
}

function bytesOf({ entry }: TenantEntry): number {
  return entry.events.reduce(
    (sum, event) => sum + event.json.length + eventOverheadBytes,
    entry.body?.text.length ?? 0,
  );
}
