import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Store, TenantScope } from "../../store/contract/index.ts";
import type { MediaKeys } from "../links/media-keys.ts";
import type { MediaFiles } from "./media-files.ts";

export interface CollectOptions {
  readonly store: Pick<Store, "log" | "directory">;
  readonly files: MediaFiles;
  readonly keys: MediaKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Days that files are kept; undefined: as long as events that refer to them. */
  readonly retentionDays?: number;
}

export interface MediaUse {
  readonly kind: MediaFiles["kind"];
  readonly files: number;
  readonly bytes: number;
}

const dayMs = 86_400_000;
/** A file is there before its event is: what is younger than this may belong to one that is on its way. */
const marginMs = 3_600_000;
const firstMs = 60_000;
const usualMs = 600_000;
const batch = 500;
const tenantPage = 500;

/**
 * Since when a tenant's files are referred to: the time of its oldest event that is kept. A file carries the
 * time of the last body that held it, so that one from before belongs to no event. The machine's clock has no
 * say in it, unless an operator wants files to go before their events: then a clock that leaps takes at most
 * what is a day older than the newest event.
 */
async function keptSince(
  { store: { log }, retentionDays, clock }: CollectOptions,
  scope: TenantScope,
): Promise<number> {
  const { head, floor } = await log.bounds(scope);
  const at = async (offset: number): Promise<number | undefined> =>
    (await log.readAfter(scope, offset - 1, 1))[0]?.receivedAt;
  const oldest = floor <= head ? await at(floor) : undefined;
  const newest = floor <= head ? await at(head) : undefined;
  const now = clock.now();
  if (oldest === undefined || newest === undefined) return now - marginMs;
  const byEvents = Math.min(oldest, newest) - marginMs;
  if (retentionDays === undefined) return byEvents;
  return Math.max(byEvents, Math.min(now, newest + dayMs) - retentionDays * dayMs);
}

/** Removes files that nothing refers to, one round at a time. */
export class MediaCollector {
  readonly #options: CollectOptions;
  #use: MediaUse | undefined;
  #cancel: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: CollectOptions) {
    this.#options = options;
  }

  /** What was there at the last round; undefined before the first. */
  get use(): MediaUse | undefined {
    return this.#use;
  }

  /** The first round comes soon, so that what is there is known, but not while everything starts. */
  start(): void {
    this.#next(firstMs);
  }

  #next(afterMs: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(afterMs, () => {
      this.#running = this.round().finally(() => this.#next(usualMs));
    });
  }

  /** Waits for a round that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running;
  }

  /** One round over all tenants, those included that are gone. Never rejects. */
  async round(): Promise<void> {
    const { files, logger, clock } = this.#options;
    try {
      const gone = { files: 0, bytes: 0 };
      const use = { files: 0, bytes: 0 };
      // Listed before the tenants: whose files are here and who is not among them was deleted.
      const parts = await files.tenantParts();
      const since = await this.#keptSince();
      for (const part of parts) {
        const before = since.get(part) ?? clock.now() - marginMs;
        for (let more = true; more && !this.#isStopped;) {
          const expired = await files.expire(part, before, batch);
          gone.files += expired.files;
          gone.bytes += expired.bytes;
          more = expired.files >= batch;
          if (more) continue;
          use.files += expired.keptFiles;
          use.bytes += expired.keptBytes;
        }
      }
      this.#use = { kind: files.kind, ...use };
      if (gone.files > 0) logger.info(gone, "files that no event refers to were deleted");
    } catch (error) {
      // A store that is let go of refuses what is under way; the next start begins the round again.
      if (this.#isStopped) return;
      logger.error({ err: error }, "deleting files that no event refers to failed");
    }
  }

  async #keptSince(): Promise<ReadonlyMap<string, number>> {
    const { store, keys } = this.#options;
    const since = new Map<string, number>();
    for (let afterId: string | undefined; ;) {
      const page = { limit: tenantPage, ...(afterId === undefined ? {} : { afterId }) };
      const tenants = await store.directory.tenants(page);
      for (const { id } of tenants)
        since.set(keys.tenantPart(id), await keptSince(this.#options, { tenantId: id }));
      afterId = tenants.at(-1)?.id;
      if (tenants.length < tenantPage) return since;
    }
  }
}
