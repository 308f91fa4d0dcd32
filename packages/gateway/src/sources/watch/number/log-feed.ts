import type { RecadoEvent } from "@recado/protocol";
import type { Logger } from "../../../base/logger.ts";
import type { EventTail, LiveEvent } from "../../../log/index.ts";
import type { EventLog, StoredEvent } from "../../../store/contract/index.ts";

/**
 * Every event of every tenant once, in the order of the log, from where a tenant's reader stood, over the
 * end of what is stored and on with what comes live.
 *
 * I1 No event is passed over and none comes twice, also while the log grows during the catching up.
 * I2 At most {@link longestCatchUp} old events are read; what lies before is not worth a slow start.
 * Proven by `number-book.test.ts`.
 */
export interface LogFeed {
  /** Reads on from `offset`; resolves when the tenant's events come live. Rejects when the log cannot be read. */
  open(tenantId: string, offset: number): Promise<void>;
  /** The newest event that was given out, 0 when none. */
  position(tenantId: string): number;
  close(): void;
}

export interface LogFeedOptions {
  readonly log: EventLog;
  readonly tail: EventTail;
  readonly logger: Logger;
  /** Must not throw and must not block. `live` is false for what was stored before. */
  take(stored: StoredEvent, parse: () => RecadoEvent, live: boolean): void;
  /** An event of a tenant that is not open: it was made after the start. */
  stranger(tenantId: string): void;
}

interface Reader {
  position: number;
  /** The newest offset that was heard of. */
  head: number;
  live: boolean;
}

const longestCatchUp = 50_000;
const pageSize = 500;

class Feed implements LogFeed {
  readonly #options: LogFeedOptions;
  readonly #readers = new Map<string, Reader>();
  readonly #unsubscribe: () => void;
  #closed = false;

  constructor(options: LogFeedOptions) {
    this.#options = options;
    this.#unsubscribe = options.tail.subscribe((events) => this.#hear(events));
  }

  async open(tenantId: string, offset: number): Promise<void> {
    if (this.#readers.has(tenantId)) return;
    const reader: Reader = { position: offset, head: 0, live: false };
    this.#readers.set(tenantId, reader);
    try {
      await this.#catchUp(tenantId, reader);
    } catch (error) {
      this.#readers.delete(tenantId);
      throw error;
    }
  }

  position(tenantId: string): number {
    return this.#readers.get(tenantId)?.position ?? 0;
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
  }

  async #catchUp(tenantId: string, reader: Reader): Promise<void> {
    const { log, take } = this.#options;
    const scope = { tenantId };
    const { head, floor } = await log.bounds(scope);
    reader.head = Math.max(reader.head, head);
    // A position beyond the log is another log's.
    if (reader.position > head) reader.position = 0;
    reader.position = Math.max(reader.position, head - longestCatchUp, floor - 1);
    while (!this.#closed) {
      const page = await log.readAfter(scope, reader.position, pageSize);
      for (const stored of page) {
        reader.position = stored.offset;
        take(stored, () => JSON.parse(stored.json) as RecadoEvent, false);
      }
      // No wait between this look and the switch: nothing can come in between.
      if (reader.position >= reader.head || page.length === 0) {
        reader.live = true;
        return;
      }
    }
  }

  #hear(events: readonly LiveEvent[]): void {
    for (const { stored, event } of events) {
      const reader = this.#readers.get(stored.tenantId);
      if (!reader) this.#options.stranger(stored.tenantId);
      else if (!reader.live) reader.head = stored.offset;
      else if (stored.offset > reader.position) {
        reader.position = stored.offset;
        this.#options.take(stored, () => event, true);
      }
    }
  }
}

export function createLogFeed(options: LogFeedOptions): LogFeed {
  return new Feed(options);
}
