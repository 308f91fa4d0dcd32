import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Store } from "../store/contract/index.ts";
import { TrustedTime } from "./trusted-time.ts";

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
const tenantPage = 500;

/** When the newest event of all tenants was received, Unix milliseconds; undefined when there is none. */
async function newestEventAt(store: Store): Promise<number | undefined> {
  let newest: number | undefined;
  for (let afterId: string | undefined; ;) {
    const page = { limit: tenantPage, ...(afterId === undefined ? {} : { afterId }) };
    const tenants = await store.directory.tenants(page);
    for (const { id } of tenants) {
      for (const { receivedAt } of await store.log.lastEvents({ tenantId: id })) {
        newest = Math.max(newest ?? receivedAt, receivedAt);
      }
    }
    afterId = tenants.at(-1)?.id;
    if (tenants.length < tenantPage) return newest;
  }
}

/**
 * Deletes what is older than the retention, in small commits, one round at a time. A failed round is
 * logged and tried again at the next one. A wall clock that leaps forward deletes nothing for a day, see
 * {@link TrustedTime}. Returns the way to stop, which waits for a running round.
 */
export function startRetention(options: RetentionOptions): () => Promise<void> {
  const { store, clock, logger } = options;
  const everyMs = options.everyMs ?? 600_000;
  let stopped = false;
  let cancel: () => void = () => {};
  let running: Promise<void> = Promise.resolve();

  let trusted: TrustedTime | undefined;

  async function trustedNow(): Promise<number> {
    const [wall, monotonic] = [clock.now(), clock.monotonic()];
    trusted ??= new TrustedTime(wall, monotonic, await newestEventAt(store));
    const wasDoubted = trusted.isDoubted;
    const now = trusted.at(wall, monotonic);
    if (trusted.isDoubted && !wasDoubted)
      logger.warn(
        { aheadMs: wall - now },
        "the clock leapt forward: nothing expires by it for a day",
      );
    return now;
  }

  async function round(): Promise<void> {
    let events = 0;
    let deliveries = 0;
    try {
      const now = await trustedNow();
      const before = now - options.retentionDays * dayMs;
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
