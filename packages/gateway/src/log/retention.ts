import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Store } from "../store/contract/index.ts";

export interface RetentionOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionDays: number;
  /** Time between two rounds. */
  readonly everyMs?: number;
}

/** Small enough that a round never holds up an append noticeably. */
const batchSize = 500;
const dayMs = 86_400_000;

/**
 * Deletes what is older than the retention, in small commits, one round at a time. A failed round is
 * logged and tried again at the next one. Returns the way to stop, which waits for a running round.
 */
export function startRetention(options: RetentionOptions): () => Promise<void> {
  const { store, clock, logger } = options;
  const everyMs = options.everyMs ?? 600_000;
  let stopped = false;
  let cancel: () => void = () => {};
  let running: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    const now = clock.now();
    const before = now - options.retentionDays * dayMs;
    let events = 0;
    let deliveries = 0;
    try {
      for (let gone = batchSize; gone > 0 && !stopped; events += gone) {
        gone = await store.log.expire(before, now, batchSize);
      }
      for (let gone = batchSize; gone > 0 && !stopped; deliveries += gone) {
        gone = await store.deliveries.expire(before, batchSize);
      }
      if (events + deliveries > 0) logger.info({ events, deliveries }, "expired data deleted");
    } catch (error) {
      logger.error({ err: error }, "deleting expired data failed");
    }
  }

  function schedule(): void {
    cancel = clock.after(everyMs, () => {
      running = round().then(() => {
        if (!stopped) schedule();
      });
    });
  }

  schedule();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}
