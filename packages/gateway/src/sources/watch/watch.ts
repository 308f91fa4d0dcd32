import { steadyTime, type Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Ingest } from "../../ingest/index.ts";
import type { EventLogWriter } from "../../log/index.ts";
import type { Store, TenantScope } from "../../store/contract/index.ts";
import type { RemoteInstance, ServerControls } from "../control/index.ts";
import { createAlarm, type Alarm } from "./silence/alarm.ts";
import { ClockSettings, listenAnew } from "./number/clock-settings.ts";
import { createNumberBook, type NumberBook } from "./number/number-book.ts";
import { takeListed, type ListedNumber } from "./number/listed.ts";
import type { EventEffect } from "./number/take-event.ts";
import type { WatchedNumber } from "./number/watched-number.ts";
import { countNumbers, type NumberCounts } from "./number-counts.ts";
import { numberAtServer } from "./number-at-server.ts";
import { numberHealth, type NumberHealth } from "./number-health.ts";
import { createOwnEvents, type OwnEvents } from "./own-events.ts";
import type { ReconcileReport, ReconcileTrigger } from "./reconcile/reconcile-record.ts";
import { createReconciler, type Reconciler } from "./reconcile/reconciler.ts";
import { createServerSweep, type ServerSweep } from "./server-sweep.ts";
import { learnPastHour } from "./silence/learning.ts";

/**
 * The truth about numbers: what is known of each with its evidence, who fell silent or froze, and what is
 * fetched when something may have been missed.
 *
 * Owns: when it is looked, asked and compared. Must not know: HTTP, webhooks' configuration, sockets.
 *
 * I1 The record of a number ends with its true state, also after a storm, a stop or a crash.
 * I2 A finding is told once, with its evidence, and its end can be seen.
 * I3 What was missed is in the log, marked, in order and once.
 * Proven by `watch.test.ts`.
 */
export interface NumberWatch {
  /** Reads what was known, then looks after the numbers. Rejects when the store cannot be read. */
  start(): Promise<void>;
  /** Writes everything down. Call it before the writer is closed. Idempotent. */
  stop(): Promise<void>;
  health(scope: TenantScope, instanceId: string): Promise<NumberHealth>;
  /** From memory; undefined until anything was heard. */
  stateOf(instanceId: string): "open" | "connecting" | "close" | undefined;
  /** All numbers together, from memory. */
  counts(): NumberCounts;
  /**
   * Compares with the provider's messages; resolves when that waits or runs, with its report. Undefined when
   * the number has no server to ask. `since`: Unix milliseconds.
   */
  reconcile(
    scope: TenantScope,
    instanceId: string,
    since?: number,
  ): Promise<ReconcileReport | undefined>;
  /** A server's list was read by somebody else: what is not known of its numbers yet is known at once. */
  listed(scope: TenantScope, numbers: readonly ListedNumber[]): void;
  /** A socket broke or a webhook was changed: something of this number may be missing. */
  mayHaveMissed(gap: PossibleGap): void;
}

export interface PossibleGap {
  readonly tenantId: string;
  readonly instanceId: string;
  /** From when on, Unix milliseconds; absent: not known. */
  readonly since?: number;
}

export interface NumberWatchOptions {
  readonly store: Pick<Store, "records" | "log" | "directory">;
  readonly writer: EventLogWriter;
  readonly ingest: Pick<Ingest, "receive">;
  readonly controls: ServerControls;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  /** How often a server is asked for the state of its numbers; 60 s. */
  readonly probeEveryMs?: number;
  /** Restart a frozen number at its provider, at most three times a day; default false. */
  readonly restartFrozen?: boolean;
  /** Whether our webhook stands at the provider as it should; undefined when it is not known. */
  hookInPlace?(scope: TenantScope, instanceId: string): Promise<boolean | undefined>;
}

const tickMs = 5_000;
/** After a number opened, so that the provider has its messages and a storm is one comparison. */
const settleAfterOpenMs = 15_000;
/** A number that opens again and again is compared all the same. */
const longestSettleMs = 5 * 60_000;
/** Without another reason a number is compared this often. */
const compareEveryMs = 6 * 3_600_000;
/** How often every number is looked at, and the list of servers read. */
const lookEveryMs = 15_000;
/** Calls that are under way at the end are waited for no longer. */
const longestStopMs = 5_000;
/** How often it is looked for numbers that are gone. */
const tidyEveryMs = 10 * 60_000;
/** Between a state that says it and an event of the provider's own that does. */
const lostGraceMs = 10_000;

interface PlannedComparison {
  readonly at: number;
  /** Later reasons put it off no further. */
  readonly latestAt: number;
  readonly why: ReconcileTrigger;
}

class Watch implements NumberWatch {
  readonly #options: NumberWatchOptions;
  readonly #book: NumberBook;
  readonly #reconciler: Reconciler;
  readonly #sweep: ServerSweep;
  readonly #own: OwnEvents;
  readonly #alarm: Alarm;
  /** When a number that opened is to be compared. */
  readonly #due = new Map<WatchedNumber, PlannedComparison>();
  readonly #telling = new Set<WatchedNumber>();
  /** What is planned goes by a clock that nobody sets. */
  readonly #steadyNow: () => number;
  readonly #settings: ClockSettings;
  #lookAt = 0;
  #tidyAt = 0;
  #ticking: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: NumberWatchOptions) {
    this.#options = options;
    const { store, controls, clock, logger, writer, ingest, random } = options;
    const { directory } = store;
    this.#steadyNow = steadyTime(clock);
    this.#settings = new ClockSettings(clock);
    const contradicted = (number: WatchedNumber, remote: RemoteInstance): Promise<void> =>
      this.#own.state(number, remote, clock.now());
    this.#own = createOwnEvents(writer, directory);
    this.#book = createNumberBook({
      store,
      tail: writer,
      clock,
      logger,
      onEvent: (number, effect, live) => this.#heard(number, effect, live),
    });
    this.#reconciler = createReconciler({
      store,
      controls,
      ingest,
      clock,
      logger,
      finished: (number) => this.#book.changed(number),
    });
    this.#sweep = createServerSweep({
      directory,
      controls,
      book: this.#book,
      clock,
      logger,
      random,
      everyMs: options.probeEveryMs ?? 60_000,
      contradicted,
      missed: (numbers, why) => this.#missed(numbers, why),
    });
    this.#alarm = createAlarm({
      directory,
      controls,
      reconciler: this.#reconciler,
      book: this.#book,
      own: this.#own,
      clock,
      logger,
      restartFrozen: options.restartFrozen ?? false,
      hookInPlace: (scope, id) => options.hookInPlace?.(scope, id) ?? Promise.resolve(undefined),
      contradicted,
    });
  }

  async start(): Promise<void> {
    await this.#book.start();
    const now = this.#options.clock.now();
    for (const number of this.#book.all()) {
      const isOpen = number.connection.state === "open";
      number.steadySince = isOpen ? now : undefined;
      // While this program did not run nobody listened.
      if (isOpen) number.gapFrom ??= number.traffic.newestMessageAt || number.connection.since;
      if (isOpen && number.gapFrom !== undefined) this.#plan(number, "started", 0);
    }
    this.#schedule();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#shutDown();
    return this.#stopped;
  }

  async health(scope: TenantScope, instanceId: string): Promise<NumberHealth> {
    const report = await this.#reconciler.report(scope, instanceId);
    const number = this.#book.of(instanceId);
    const own = number?.tenantId === scope.tenantId ? number : undefined;
    return numberHealth(own, report, this.#options.clock.now());
  }

  stateOf(instanceId: string): "open" | "connecting" | "close" | undefined {
    return this.#book.of(instanceId)?.connection.state;
  }

  counts(): NumberCounts {
    return countNumbers(this.#book.all());
  }

  async reconcile(
    scope: TenantScope,
    instanceId: string,
    since?: number,
  ): Promise<ReconcileReport | undefined> {
    const { directory } = this.#options.store;
    if (!(await numberAtServer(directory, scope, instanceId))) return undefined;
    const number = this.#book.watch(scope, instanceId);
    if (!(await this.#reconciler.request(number, "requested", since))) return undefined;
    return this.#reconciler.report(scope, instanceId);
  }

  listed(scope: TenantScope, numbers: readonly ListedNumber[]): void {
    const at = this.#options.clock.now();
    for (const { instanceId, remote } of numbers) {
      const number = this.#book.watch(scope, instanceId);
      if (!takeListed(number, remote, at)) continue;
      if (remote.state === "open") this.#missed([number], "started");
      this.#book.changed(number);
    }
  }

  mayHaveMissed({ tenantId, instanceId, since }: PossibleGap): void {
    const number = this.#book.watch({ tenantId }, instanceId);
    if (since !== undefined) number.gapFrom = Math.min(since, number.gapFrom ?? since);
    this.#missed([number], "provider_restarted");
  }

  #heard(number: WatchedNumber, { isBack }: EventEffect, live: boolean): void {
    if (live && isBack) this.#plan(number, "reconnected", settleAfterOpenMs);
  }

  #missed(numbers: readonly WatchedNumber[], why: ReconcileTrigger): void {
    for (const number of numbers) {
      const { state, since } = number.connection;
      // What is not connected is compared when it is.
      if (state !== undefined && state !== "open") continue;
      number.gapFrom ??= number.traffic.newestMessageAt || since || this.#options.clock.now();
      this.#plan(number, why, settleAfterOpenMs);
    }
  }

  /** The comparison comes after the last reason for it, so that a storm of reasons is one. */
  #plan(number: WatchedNumber, why: ReconcileTrigger, waitMs: number): void {
    const now = this.#steadyNow();
    const latestAt = this.#due.get(number)?.latestAt ?? now + longestSettleMs;
    this.#due.set(number, { at: Math.min(now + waitMs, latestAt), latestAt, why });
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(tickMs, () => {
      this.#ticking = this.#tick()
        .catch((error: unknown) => {
          this.#options.logger.error({ err: error }, "looking after the numbers failed");
        })
        .finally(() => this.#schedule());
    });
  }

  async #tick(): Promise<void> {
    const now = this.#options.clock.now();
    const steadyNow = this.#steadyNow();
    if (this.#settings.wasSet()) for (const number of this.#book.all()) listenAnew(number, now);
    for (const [number, { at, why }] of this.#due) {
      if (at > steadyNow) continue;
      this.#due.delete(number);
      // It went again: the comparison follows when it is back.
      if (number.connection.state === "open") await this.#reconciler.request(number, why);
    }
    if (steadyNow < this.#lookAt) return;
    this.#lookAt = steadyNow + lookEveryMs;
    for (const number of this.#book.all()) {
      if (learnPastHour(number, now)) this.#book.rhythmChanged(number);
      this.#alarm.look(number, now);
      this.#tellLost(number, now);
      this.#compareInTime(number, now);
    }
    await this.#sweep.look();
    if (steadyNow < this.#tidyAt) return;
    this.#tidyAt = steadyNow + tidyEveryMs;
    await this.#tidy();
  }

  /** What is known of an instance goes with it. */
  async #tidy(): Promise<void> {
    const { directory } = this.#options.store;
    for (const number of this.#book.all()) {
      const { tenantId, instanceId } = number;
      if (await directory.instance({ tenantId }, instanceId)) continue;
      this.#due.delete(number);
      await this.#book.forget(number);
    }
  }

  /** A single event that was lost among others leaves no other trace. */
  #compareInTime(number: WatchedNumber, now: number): void {
    if (number.connection.state !== "open" || this.#due.has(number)) return;
    const since = (number.comparedUntil ??= now);
    if (number.gapFrom !== undefined || now - since < compareEveryMs) return;
    number.gapFrom = since;
    // Numbers that were compared together are spread.
    this.#plan(number, "scheduled", Math.floor(this.#options.random() * longestSettleMs));
  }

  #tellLost(number: WatchedNumber, now: number): void {
    const { lost } = number.connection;
    if (!lost || lost.told || now - lost.at < lostGraceMs || this.#telling.has(number)) return;
    this.#telling.add(number);
    this.#own
      .lost(number)
      .catch((error: unknown) => {
        this.#options.logger.error({ err: error }, "a lost pairing could not be told");
      })
      .finally(() => this.#telling.delete(number));
  }

  async #shutDown(): Promise<void> {
    this.#cancel();
    const ended = this.#ticking.then(() =>
      Promise.all([this.#reconciler.stop(), this.#alarm.idle(), this.#sweep.idle()]),
    );
    // A provider that does not answer must not hold up the end; what is cut short goes on after the start.
    const { promise: waited, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(longestStopMs, resolve);
    await Promise.race([ended, waited]);
    cancel();
    await this.#book.stop();
  }
}

export function createNumberWatch(options: NumberWatchOptions): NumberWatch {
  return new Watch(options);
}
