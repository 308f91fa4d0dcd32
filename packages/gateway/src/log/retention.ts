import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { KeepRule, Store, Tenant } from "../store/contract/index.ts";
import { TrustedTime } from "./trusted-time.ts";

export interface RetentionOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionDays: number;
  /** Bytes of one tenant's events above which its oldest go; absent: any number. */
  readonly maxBytes?: number;
  /** Events older than this are compressed, milliseconds; absent: none. */
  readonly coldAfterMs?: number;
  /** Time between two rounds. */
  readonly everyMs?: number;
}

/** Small enough that a round never holds up an append noticeably. */
const batchSize = 500;
const dayMs = 86_400_000;
const megabyte = 1_048_576;
const tenantPage = 500;

async function* allTenants(store: Store): AsyncGenerator<Tenant> {
  for (let afterId: string | undefined; ;) {
    const page = { limit: tenantPage, ...(afterId === undefined ? {} : { afterId }) };
    const tenants = await store.directory.tenants(page);
    yield* tenants;
    afterId = tenants.at(-1)?.id;
    if (tenants.length < tenantPage) return;
  }
}

/** What is kept of each tenant that has a rule of its own, or of all when there is a size for all. */
async function rulesAt(
  now: number,
  options: RetentionOptions,
): Promise<ReadonlyMap<string, KeepRule>> {
  const rules = new Map<string, KeepRule>();
  for await (const tenant of allTenants(options.store)) {
    const days = tenant.retentionDays ?? options.retentionDays;
    const maxBytes =
      tenant.maxMegabytes === undefined ? options.maxBytes : tenant.maxMegabytes * megabyte;
    if (tenant.retentionDays === undefined && maxBytes === undefined) continue;
    const before = now - days * dayMs;
    rules.set(tenant.id, maxBytes === undefined ? { before } : { before, maxBytes });
  }
  return rules;
}

/** When the newest event of all tenants was received, Unix milliseconds; undefined when there is none. */
async function newestEventAt(store: Store): Promise<number | undefined> {
  let newest: number | undefined;
  for await (const { id } of allTenants(store)) {
    for (const { receivedAt } of await store.log.lastEvents({ tenantId: id })) {
      newest = Math.max(newest ?? receivedAt, receivedAt);
    }
  }
  return newest;
}

/**
 * Deletes what is older than the retention, or more than a tenant may keep, and compresses what is old, in
 * small commits, one round at a time. A failed round is
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
      const rules = await rulesAt(now, options);
      for (let gone = batchSize; gone > 0 && !stopped; events += gone) {
        gone = await store.log.expire(before, now, batchSize, (id) => rules.get(id));
      }
      for (let gone = batchSize; gone > 0 && !stopped; deliveries += gone) {
        gone = await store.deliveries.expire(before, batchSize);
      }
      const { coldAfterMs } = options;
      while (coldAfterMs !== undefined && !stopped && (await store.log.compact(now - coldAfterMs)));
      if (events + deliveries > 0) logger.info({ events, deliveries }, "expired data deleted");
    } catch (error) {
      logger.error({ err: error }, "deleting or compressing old data failed");
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
