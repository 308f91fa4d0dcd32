import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Ingest } from "../../../ingest/index.ts";
import type { Store, TenantScope } from "../../../store/contract/index.ts";
import type { ServerControls } from "../../control/index.ts";
import type { WatchedNumber } from "../number/watched-number.ts";
import { numberAtServer, type NumberAtServer } from "../number-at-server.ts";
import {
  reportFrom,
  reportRecord,
  type ReconcileReport,
  type ReconcileTrigger,
} from "./reconcile-record.ts";
import { reconcileOnce } from "./reconcile-run.ts";
import { spanOf } from "./span.ts";

/**
 * Compares numbers with their provider's message lists, when there is a reason to.
 *
 * Owns: the records `reconcile`; who waits, who runs. Must not know: HTTP, why a number was silent.
 *
 * I1 One run per number and {@link runsPerServer} per server at a time; the others wait, in order.
 * I2 What was asked for during a run is done by one run after it.
 * I3 A run that was cut short, by a failure, its bound, a stop or a crash, is gone on with.
 * Proven by `reconciler.test.ts`.
 */
export interface Reconciler {
  /**
   * Resolves when the run is in line; undefined when the number has no server, is gone, or the program
   * stops. `since` is Unix milliseconds.
   */
  request(
    number: WatchedNumber,
    trigger: ReconcileTrigger,
    since?: number,
  ): Promise<RequestedRun | undefined>;
  /** The newest report, with the one that waits or runs in front. */
  report(scope: TenantScope, instanceId: string): Promise<ReconcileReport | undefined>;
  /** Runs that are under way end after their page. */
  stop(): Promise<void>;
}

export interface RequestedRun {
  /** The report when the run is over; undefined when it was given up. Never rejects. */
  readonly done: Promise<ReconcileReport | undefined>;
}

export interface ReconcilerOptions {
  readonly store: Pick<Store, "records" | "directory">;
  readonly controls: ServerControls;
  readonly ingest: Pick<Ingest, "receive">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After each run that reached its end. */
  finished(number: WatchedNumber, report: ReconcileReport): void;
}

const runsPerServer = 2;
/** Waits after failures of the same number; the last one repeats. */
const retryMs: readonly number[] = [30_000, 120_000, 600_000, 1_800_000];

/** Failures that pass by themselves; the others wait for the next reason to compare. */
const passing = new Set([
  "unreachable",
  "timeout",
  "rate_limited",
  "provider_failed",
  "unexpected_answer",
  "store_unavailable",
]);

interface Job {
  readonly number: WatchedNumber;
  trigger: ReconcileTrigger;
  since: number | undefined;
  readonly waiting: ((report: ReconcileReport | undefined) => void)[];
}

interface Line {
  readonly waiting: Job[];
  running: number;
}

class Runner implements Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #lines = new Map<string, Line>();
  /** By instance: the job that waits and the report of the one that runs. */
  readonly #queued = new Map<string, Job>();
  readonly #running = new Map<string, ReconcileReport>();
  readonly #failures = new Map<string, number>();
  readonly #retries = new Map<string, () => void>();
  readonly #active = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  async request(
    number: WatchedNumber,
    trigger: ReconcileTrigger,
    since?: number,
  ): Promise<RequestedRun | undefined> {
    const { instanceId, tenantId } = number;
    const at = await numberAtServer(this.#options.store.directory, { tenantId }, instanceId);
    if (!at || this.#stopped) return undefined;
    this.#cancelRetry(instanceId);
    const { promise: done, resolve } = Promise.withResolvers<ReconcileReport | undefined>();
    const queued = this.#queued.get(instanceId);
    if (queued) {
      queued.waiting.push(resolve);
      if (trigger === "requested") queued.trigger = trigger;
      if (since !== undefined) queued.since = Math.min(since, queued.since ?? since);
      return { done };
    }
    const job: Job = { number, trigger, since, waiting: [resolve] };
    this.#queued.set(instanceId, job);
    const line = this.#line(at.server.id);
    // A person does not wait behind two hundred numbers of a start.
    if (trigger === "requested") line.waiting.unshift(job);
    else line.waiting.push(job);
    this.#next(at.server.id, line);
    return { done };
  }

  async report(scope: TenantScope, instanceId: string): Promise<ReconcileReport | undefined> {
    const running = this.#running.get(instanceId);
    if (running) return running;
    const stored = await this.#options.store.records.get(scope, "reconcile", instanceId);
    const last = reportFrom(stored?.value);
    const queued = this.#queued.get(instanceId);
    if (!queued) return last;
    const now = this.#options.clock.now();
    return { ...this.#fresh(queued, now, now, now), status: "queued" };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#retries.values()) cancel();
    for (const job of this.#queued.values()) for (const done of job.waiting) done(undefined);
    this.#queued.clear();
    for (const line of this.#lines.values()) line.waiting.length = 0;
    await Promise.all(this.#active);
  }

  #line(serverId: string): Line {
    const line = this.#lines.get(serverId) ?? { waiting: [], running: 0 };
    this.#lines.set(serverId, line);
    return line;
  }

  #next(serverId: string, line: Line): void {
    while (line.running < runsPerServer && !this.#stopped) {
      const index = line.waiting.findIndex(({ number }) => !this.#running.has(number.instanceId));
      const [job] = index < 0 ? [] : line.waiting.splice(index, 1);
      if (!job) break;
      line.running++;
      this.#queued.delete(job.number.instanceId);
      const now = this.#options.clock.now();
      this.#running.set(job.number.instanceId, this.#fresh(job, now, now, now));
      const active = this.#run(job).finally(() => {
        line.running--;
        this.#running.delete(job.number.instanceId);
        this.#active.delete(active);
        if (line.running === 0 && line.waiting.length === 0) this.#lines.delete(serverId);
        else this.#next(serverId, line);
      });
      this.#active.add(active);
    }
  }

  #fresh(job: Job, since: number, until: number, now: number): ReconcileReport {
    return {
      trigger: job.trigger,
      status: "running",
      since,
      until,
      reached: since,
      startedAt: now,
      lookedAt: 0,
      added: 0,
      refused: 0,
      complete: false,
    };
  }

  async #run(job: Job): Promise<void> {
    const { number } = job;
    let report: ReconcileReport | undefined;
    try {
      const { directory } = this.#options.store;
      const scope = { tenantId: number.tenantId };
      const at = await numberAtServer(directory, scope, number.instanceId);
      if (at) report = await this.#compare(job, at);
    } catch (error) {
      this.#options.logger.error({ err: error }, "a number could not be compared");
    }
    if (report) this.#settle(job, report);
    for (const done of job.waiting) done(report);
  }

  async #compare(job: Job, at: NumberAtServer): Promise<ReconcileReport> {
    const { store, controls, ingest, clock } = this.#options;
    const { number } = job;
    const scope = { tenantId: number.tenantId };
    const key = number.instanceId;
    const last = reportFrom((await store.records.get(scope, "reconcile", key))?.value);
    const now = clock.now();
    const gapFrom = number.gapFrom;
    const span = spanOf({
      now,
      createdAt: at.instance.createdAt,
      gapFrom,
      newestMessageAt: number.traffic.newestMessageAt,
      last,
      since: job.since,
    });
    const progress = async (report: ReconcileReport): Promise<void> => {
      this.#running.set(key, report);
      await store.records.put(scope, "reconcile", key, reportRecord(report));
    };
    const start = this.#fresh(job, span.since, span.until, now);
    await progress(start);
    const report = await reconcileOnce(start, {
      target: { kind: "instance", tenant: at.tenant, instance: at.instance },
      control: controls.of(at.server, job.trigger === "requested" ? "person" : "background"),
      ingest,
      now: () => clock.now(),
      progress,
      stopped: () => this.#stopped,
    });
    await store.records.put(scope, "reconcile", key, reportRecord(report));
    // A gap that opened during the run is not closed by it.
    const isClosed = report.status === "done" && report.complete && job.since === undefined;
    if (isClosed) number.comparedUntil = report.until;
    if (isClosed && number.gapFrom === gapFrom) number.gapFrom = undefined;
    return report;
  }

  #settle(job: Job, report: ReconcileReport): void {
    const { number } = job;
    const key = number.instanceId;
    if (report.status !== "failed") this.#failures.delete(key);
    else if (passing.has(report.error ?? "")) this.#retryLater(number, job.trigger);
    if (report.status === "done" && !report.complete) this.#again(number, job.trigger);
    if (report.status === "done") this.#options.finished(number, report);
  }

  #again(number: WatchedNumber, trigger: ReconcileTrigger): void {
    this.request(number, trigger).catch((error: unknown) => {
      this.#options.logger.error({ err: error }, "a number could not be compared");
    });
  }

  #retryLater(number: WatchedNumber, trigger: ReconcileTrigger): void {
    const key = number.instanceId;
    if (this.#stopped || this.#queued.has(key)) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, Math.min(failures + 1, retryMs.length - 1));
    const waitMs = retryMs[failures] ?? 1_800_000;
    const cancel = this.#options.clock.after(waitMs, () => {
      this.#retries.delete(key);
      this.#again(number, trigger);
    });
    this.#retries.set(key, cancel);
  }

  #cancelRetry(key: string): void {
    this.#retries.get(key)?.();
    this.#retries.delete(key);
  }
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  return new Runner(options);
}
