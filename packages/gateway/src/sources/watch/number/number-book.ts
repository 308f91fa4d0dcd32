import type { RecadoEvent } from "@recado/protocol";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { EventTail } from "../../../log/index.ts";
import type {
  RecordValue,
  Store,
  StoredEvent,
  TenantScope,
} from "../../../store/contract/index.ts";
import { rhythmFrom } from "../silence/rhythm.ts";
import { createLogFeed, type LogFeed } from "./log-feed.ts";
import { numberFrom, numberRecord } from "./number-record.ts";
import { takeEvent, type EventEffect } from "./take-event.ts";
import { newlyWatched, type WatchedNumber } from "./watched-number.ts";

/**
 * What is known of every number: in memory, in records, and out of the log again after a crash.
 *
 * Owns: the records `number`, `number_rhythm` and `number_watch`. Must not know: providers, HTTP.
 *
 * I1 A storm of events is at most one write a second for its number, and ordinary traffic one a minute.
 * I2 After a stop or a crash the book knows what it would know without one: what the records lack is read
 *    from the log.
 * Proven by `number-book.test.ts`.
 */
export interface NumberBook {
  /** Reads records and log of every tenant. Rejects when the store cannot be read. */
  start(): Promise<void>;
  /** Writes everything down; nothing is taken afterwards. */
  stop(): Promise<void>;
  /** Undefined until anything was heard of it. */
  of(instanceId: string): WatchedNumber | undefined;
  /** Begins to watch a number of which nothing was heard yet. */
  watch(scope: TenantScope, instanceId: string): WatchedNumber;
  all(): Iterable<WatchedNumber>;
  /** Deletes what is known of a number that is gone. */
  forget(number: WatchedNumber): Promise<void>;
  /** Something other than an event changed it: to be written down. */
  changed(number: WatchedNumber): void;
  rhythmChanged(number: WatchedNumber): void;
}

export interface NumberBookOptions {
  readonly store: Pick<Store, "records" | "log" | "directory">;
  readonly tail: EventTail;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After an event was taken; must not throw and must not block. `live` is false for those of before the start. */
  onEvent(number: WatchedNumber, effect: EventEffect, live: boolean): void;
}

const changeDelayMs = 1_000;
/** Also how much of the log has to be read again after a crash. */
const trafficDelayMs = 60_000;
/** Writes of one round, so that numbers never crowd out events. */
const writesPerRound = 200;
const pageSize = 500;

/** How far the records reach: the log is read on from there. */
function positionOf(value: RecordValue | undefined): number {
  const offset = value?.["offset"];
  return typeof offset === "number" && offset >= 0 ? offset : 0;
}

class Book implements NumberBook {
  readonly #options: NumberBookOptions;
  readonly #numbers = new Map<string, WatchedNumber>();
  readonly #feed: LogFeed;
  readonly #opening = new Map<string, Promise<void>>();
  readonly #tenants = new Set<string>();
  #urgent = new Set<WatchedNumber>();
  #dirty = new Set<WatchedNumber>();
  #rhythms = new Set<WatchedNumber>();
  #lastFullWrite = 0;
  #writing: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(options: NumberBookOptions) {
    this.#options = options;
    this.#feed = createLogFeed({
      log: options.store.log,
      tail: options.tail,
      logger: options.logger,
      take: (stored, parse, live) => this.#take(stored, parse, live),
      stranger: (tenantId) => this.#meet(tenantId),
    });
  }

  async start(): Promise<void> {
    const { directory } = this.#options.store;
    this.#lastFullWrite = this.#options.clock.now();
    let afterId: string | undefined;
    for (;;) {
      const page = await directory.tenants({
        limit: pageSize,
        ...(afterId === undefined ? {} : { afterId }),
      });
      for (const { id } of page) await this.#open(id);
      afterId = page.at(-1)?.id;
      if (page.length < pageSize) break;
    }
    this.#schedule();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return this.#writing;
    this.#stopped = true;
    this.#cancel();
    this.#feed.close();
    await this.#writing;
    this.#writing = this.#writeAll();
    await this.#writing;
  }

  of(instanceId: string): WatchedNumber | undefined {
    return this.#numbers.get(instanceId);
  }

  watch({ tenantId }: TenantScope, instanceId: string): WatchedNumber {
    const known = this.#numbers.get(instanceId);
    if (known) return known;
    const number = newlyWatched(tenantId, instanceId);
    this.#numbers.set(instanceId, number);
    return number;
  }

  async forget(number: WatchedNumber): Promise<void> {
    const { instanceId, tenantId } = number;
    this.#numbers.delete(instanceId);
    for (const set of [this.#urgent, this.#dirty, this.#rhythms]) set.delete(number);
    const { records } = this.#options.store;
    for (const kind of ["number", "number_rhythm", "reconcile"]) {
      await records.delete({ tenantId }, kind, instanceId);
    }
  }

  all(): Iterable<WatchedNumber> {
    return this.#numbers.values();
  }

  changed(number: WatchedNumber): void {
    this.#urgent.add(number);
  }

  rhythmChanged(number: WatchedNumber): void {
    this.#rhythms.add(number);
  }

  #meet(tenantId: string): void {
    if (this.#stopped || this.#opening.has(tenantId)) return;
    const opening = this.#open(tenantId)
      .catch((error: unknown) => {
        this.#options.logger.error({ err: error }, "a tenant's numbers could not be read");
      })
      .finally(() => this.#opening.delete(tenantId));
    this.#opening.set(tenantId, opening);
  }

  async #open(tenantId: string): Promise<void> {
    const { records } = this.#options.store;
    const scope = { tenantId };
    const stored = await records.get(scope, "number_watch", "position");
    await this.#eachRecord(scope, "number", (key, value) => {
      this.#numbers.set(key, numberFrom(tenantId, key, value));
    });
    await this.#eachRecord(scope, "number_rhythm", (key, value) => {
      this.watch(scope, key).rhythm = rhythmFrom(value);
    });
    await this.#feed.open(tenantId, positionOf(stored?.value));
    this.#tenants.add(tenantId);
  }

  async #eachRecord(
    scope: TenantScope,
    kind: string,
    use: (key: string, value: RecordValue) => void,
  ): Promise<void> {
    let afterKey: string | undefined;
    for (;;) {
      const page = await this.#options.store.records.list(scope, kind, {
        limit: pageSize,
        ...(afterKey === undefined ? {} : { afterKey }),
      });
      for (const { key, value } of page) use(key, value);
      afterKey = page.at(-1)?.key;
      if (page.length < pageSize) return;
    }
  }

  #take(stored: StoredEvent, parse: () => RecadoEvent, live: boolean): void {
    const { instanceId, tenantId } = stored;
    if (instanceId === undefined || this.#stopped) return;
    const number = this.#numbers.get(instanceId) ?? this.watch({ tenantId }, instanceId);
    const effect = takeEvent(number, stored, parse);
    this.#dirty.add(number);
    if (effect.isChange) this.#urgent.add(number);
    this.#options.onEvent(number, effect, live);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(changeDelayMs, () => {
      const now = this.#options.clock.now();
      const isFull = now - this.#lastFullWrite >= trafficDelayMs;
      if (isFull) this.#lastFullWrite = now;
      this.#writing = (isFull ? this.#writeAll() : this.#writeUrgent()).finally(() =>
        this.#schedule(),
      );
    });
  }

  async #writeUrgent(): Promise<void> {
    const numbers = [...this.#urgent].slice(0, writesPerRound);
    for (const number of numbers) this.#urgent.delete(number);
    await this.#write(numbers, "number");
    const rhythms = [...this.#rhythms].slice(0, writesPerRound - numbers.length);
    for (const number of rhythms) this.#rhythms.delete(number);
    await this.#write(rhythms, "number_rhythm");
  }

  /** Everything, and then how far that reaches: until then the log stands for what is not written. */
  async #writeAll(): Promise<void> {
    const positions = [...this.#tenants].map(
      (tenantId) => [tenantId, this.#feed.position(tenantId)] as const,
    );
    const { records } = this.#options.store;
    const numbers = new Set([...this.#dirty, ...this.#urgent]);
    const rhythms = [...this.#rhythms];
    this.#dirty = new Set();
    this.#urgent = new Set();
    this.#rhythms = new Set();
    const isWritten =
      (await this.#write([...numbers], "number")) && (await this.#write(rhythms, "number_rhythm"));
    if (!isWritten) return;
    for (const [tenantId, offset] of positions) {
      await records
        .put({ tenantId }, "number_watch", "position", { offset })
        .catch((error: unknown) => this.#failed(error));
    }
  }

  /** False when some could not be written; they stay to be written. */
  async #write(
    numbers: readonly WatchedNumber[],
    kind: "number" | "number_rhythm",
  ): Promise<boolean> {
    const { records } = this.#options.store;
    let isWritten = true;
    for (let from = 0; from < numbers.length; from += 50) {
      const part = numbers.slice(from, from + 50);
      await Promise.all(
        part.map(async (number) => {
          const { tenantId, instanceId, rhythm } = number;
          const value = kind === "number" ? numberRecord(number) : { ...rhythm };
          try {
            await records.put({ tenantId }, kind, instanceId, value);
          } catch (error) {
            isWritten = false;
            (kind === "number" ? this.#dirty : this.#rhythms).add(number);
            this.#failed(error);
          }
        }),
      );
    }
    return isWritten;
  }

  #failed(error: unknown): void {
    this.#options.logger.error({ err: error }, "what is known of a number could not be written");
  }
}

export function createNumberBook(options: NumberBookOptions): NumberBook {
  return new Book(options);
}
