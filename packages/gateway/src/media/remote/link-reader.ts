import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { EventLog, StoredEvent, TenantScope } from "../../store/contract/index.ts";
import { markerPrefix } from "../links/media-keys.ts";

/**
 * Reads each tenant's log for events with links to files, each event once after a start, and again what a
 * crash left open.
 *
 * I1 An offset is saved only when everything up to it was taken.
 * I2 In step with the log it reads nothing from disk: it is handed what was committed. What it cannot keep up
 *    with it reads later, from the log.
 * Proven by `provider-files.test.ts`.
 */
export interface LinkReaderOptions {
  readonly log: Pick<EventLog, "subscribe" | "readAfter" | "bounds">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After some failures in a row, before it is tried again, milliseconds; a commit is a reason as well. */
  readonly retryMs?: number;
  /** Undefined: this tenant's log was never read. */
  readonly position: (scope: TenantScope) => Promise<number | undefined>;
  readonly savePosition: (scope: TenantScope, offset: number) => Promise<void>;
  /** An event that may have links. Resolves when a crash loses nothing of them. */
  readonly take: (scope: TenantScope, event: StoredEvent) => Promise<void>;
}

/** Events with links that are held in memory per tenant. */
const mostFresh = 500;
/** Events that are looked at between two saves, and again after a crash. */
const saveEvery = 1_000;
const page = 200;
/** In a row, before there is a pause. */
const mostFailures = 5;
const usualRetryMs = 30_000;

class TenantLog {
  readonly scope: TenantScope;
  /** Looked at up to here; those with links are in `fresh`. Undefined: not yet asked. */
  read: number | undefined;
  /** Newest that was committed as far as is known. */
  head = 0;
  saved = 0;
  /** Something is in the log that was not handed over. */
  isBehind = true;
  readonly fresh: StoredEvent[] = [];
  failures = 0;
  work: Promise<void> | undefined;
  cancel: () => void = () => undefined;

  constructor(tenantId: string) {
    this.scope = { tenantId };
  }

  /** Everything up to here was taken. */
  get taken(): number {
    return (this.fresh[0]?.offset ?? (this.read ?? 0) + 1) - 1;
  }

  get isBusy(): boolean {
    return this.isBehind || this.fresh.length > 0 || this.taken - this.saved >= saveEvery;
  }

  /** Hears of a commit. */
  hear(event: StoredEvent): void {
    this.head = event.offset;
    if (this.isBehind || this.read === undefined || event.offset !== this.read + 1) {
      this.isBehind = true;
      return;
    }
    if (event.json.includes(markerPrefix)) {
      if (this.fresh.length >= mostFresh) {
        this.isBehind = true;
        return;
      }
      this.fresh.push(event);
    }
    this.read = event.offset;
  }
}

export class LinkReader {
  readonly #options: LinkReaderOptions;
  readonly #logs = new Map<string, TenantLog>();
  #unsubscribe: () => void = () => undefined;
  #isStopped = false;

  constructor(options: LinkReaderOptions) {
    this.#options = options;
  }

  /** Follows every commit from now on, and reads what these tenants' logs hold beyond what was read. */
  start(tenantIds: readonly string[]): void {
    this.#unsubscribe = this.#options.log.subscribe((events) => this.#hear(events));
    for (const id of tenantIds) this.#wake(this.#logOf(id));
  }

  /** Tenants of which events are committed that were not taken yet. */
  behind(): readonly string[] {
    return [...this.#logs.values()]
      .filter(({ isBehind, fresh }) => isBehind || fresh.length > 0)
      .map(({ scope }) => scope.tenantId);
  }

  /** Saves how far it came. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unsubscribe();
    for (const log of this.#logs.values()) {
      log.cancel();
      await log.work;
      if (log.taken > log.saved) await this.#attempt(log, () => this.#save(log));
    }
  }

  #logOf(tenantId: string): TenantLog {
    let log = this.#logs.get(tenantId);
    if (!log) {
      log = new TenantLog(tenantId);
      this.#logs.set(tenantId, log);
    }
    return log;
  }

  #hear(events: readonly StoredEvent[]): void {
    for (const event of events) {
      const log = this.#logOf(event.tenantId);
      log.hear(event);
      log.failures = 0;
      if (log.isBusy) this.#wake(log);
    }
  }

  #wake(log: TenantLog): void {
    if (this.#isStopped) return;
    log.cancel();
    log.work ??= this.#work(log).finally(() => {
      log.work = undefined;
      if (!log.isBusy || this.#isStopped) return;
      // Heard between the last look and now.
      if (log.failures < mostFailures) {
        this.#wake(log);
        return;
      }
      const { clock, retryMs = usualRetryMs } = this.#options;
      log.cancel = clock.after(retryMs, () => {
        log.failures = 0;
        this.#wake(log);
      });
    });
  }

  async #work(log: TenantLog): Promise<void> {
    // The commit that woke it is told to the other listeners first.
    await turn();
    while (!this.#isStopped && log.isBusy && log.failures < mostFailures)
      await this.#attempt(log, () => this.#step(log));
  }

  async #attempt(log: TenantLog, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      log.failures = 0;
    } catch (error) {
      log.failures++;
      // Stopping ends what waits; it is read again after the next start.
      if (this.#isStopped && log.work) return;
      this.#options.logger.error(
        { err: error, tenantId: log.scope.tenantId },
        "links to files could not be read from the log; it is tried again",
      );
    }
  }

  async #step(log: TenantLog): Promise<void> {
    const { take } = this.#options;
    const [next] = log.fresh;
    if (next) {
      await take(log.scope, next);
      log.fresh.shift();
    } else if (log.isBehind) await this.#catchUp(log);
    if (log.taken - log.saved >= saveEvery) await this.#save(log);
  }

  async #catchUp(log: TenantLog): Promise<void> {
    const { log: events, position } = this.#options;
    if (log.read === undefined) {
      const { head } = await events.bounds(log.scope);
      log.saved = Math.min((await position(log.scope)) ?? 0, head);
      log.read = log.saved;
      log.head = Math.max(log.head, head);
    }
    const { head, read } = log;
    const found = await events.readAfter(log.scope, read, page);
    log.fresh.push(...found.filter(({ json }) => json.includes(markerPrefix)));
    // What retention took in between is no longer there to be read.
    log.read = found.at(-1)?.offset ?? Math.max(read, head);
    log.isBehind = log.head > log.read;
    await turn();
  }

  async #save(log: TenantLog): Promise<void> {
    const { taken } = log;
    await this.#options.savePosition(log.scope, taken);
    log.saved = taken;
  }
}
