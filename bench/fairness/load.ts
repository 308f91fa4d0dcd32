/**
 * One tenant's load, as a process of its own, so that what a loud one costs its generator does not delay
 * the quiet one's. Told what to do by its first message, it answers with one {@link LoadReport}.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Deliveries } from "../ingest/deliveries.ts";
import { HttpConnection } from "../ingest/http-connection.ts";
import { closeReaders, openReaders, type Target } from "../ingest/readers.ts";
import { percentile } from "../ingest/statistics.ts";
import { messageId, requestTemplate } from "../ingest/webhook-body.ts";

export interface LoadTask {
  readonly url: string;
  readonly target: Target;
  /** Webhooks per second. */
  readonly rate: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LoadReport {
  /** Webhooks stored per second in the measured time. */
  readonly perSecond: number;
  /** Webhooks answered 503 in the measured time, per second. */
  readonly refusedPerSecond: number;
  /** Webhook due → 2xx, milliseconds. */
  readonly answer: Percentiles;
  /** Webhook due → seen in a socket, milliseconds. */
  readonly socket: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Longest wait for the last deliveries. */
const settleMs = 20_000;

class Load {
  readonly #task: LoadTask;
  readonly #deliveries: Deliveries;
  readonly #request: (number: number) => string;
  readonly #answers: number[] = [];
  readonly #stored = new Set<number>();
  #from = Number.POSITIVE_INFINITY;
  #next = 0;
  #counted = 0;
  #refused = 0;

  constructor(task: LoadTask, deliveries: Deliveries) {
    this.#task = task;
    this.#deliveries = deliveries;
    const { path, instance } = task.target;
    const { before, after } = requestTemplate(new URL(task.url).host, path, instance);
    this.#request = (number) => before + messageId(number) + after;
  }

  get stored(): number {
    return this.#stored.size;
  }

  /**
   * Webhooks leave when they are due. One that finds every connection busy waits for one, and its time
   * runs from when it was due; beyond what the connections carry in a second, a sender gives up.
   */
  async run(connections: readonly HttpConnection[], from: number, to: number): Promise<void> {
    this.#from = from;
    const idle = [...connections];
    const due: number[] = [];
    const running = new Set<Promise<void>>();
    const start = performance.now();
    const gapMs = 1_000 / this.#task.rate;
    let planned = 0;
    const dispatch = (): void => {
      for (let connection = idle.pop(); connection; connection = idle.pop()) {
        const dueAt = due.shift();
        if (dueAt === undefined) {
          idle.push(connection);
          return;
        }
        const free = connection;
        const one = this.#post(free, dueAt).then(() => {
          idle.push(free);
          running.delete(one);
          dispatch();
        });
        running.add(one);
      }
    };
    while (performance.now() < to) {
      const now = performance.now();
      for (; start + planned * gapMs <= now; planned += 1) due.push(start + planned * gapMs);
      due.splice(0, Math.max(0, due.length - this.#task.rate));
      dispatch();
      await sleep(1);
    }
    await Promise.all(running);
  }

  report(): LoadReport {
    const answers = this.#answers.toSorted((a, b) => a - b);
    const { ratio, duplicates, strays, p50, p99 } = this.#deliveries.report(this.stored);
    if (ratio !== 1 || duplicates > 0 || strays > 0)
      throw new Error(`${ratio} of the deliveries, ${duplicates} doubled, ${strays} astray`);
    const seconds = this.#task.measureMs / 1_000;
    return {
      perSecond: this.#counted / seconds,
      refusedPerSecond: this.#refused / seconds,
      answer: { p50: percentile(answers, 0.5), p99: percentile(answers, 0.99) },
      socket: { p50, p99 },
    };
  }

  async #post(connection: HttpConnection, dueAt: number): Promise<void> {
    const number = this.#next;
    this.#next += 1;
    this.#deliveries.due(number, dueAt);
    const status = await connection.post(this.#request(number));
    const isMeasured = dueAt >= this.#from;
    if (status === 200) {
      this.#stored.add(number);
      if (!isMeasured) return;
      this.#counted += 1;
      this.#answers.push(performance.now() - dueAt);
    } else if (status !== 503) throw new Error(`a webhook was answered ${status}`);
    else if (isMeasured) this.#refused += 1;
  }
}

async function measure(task: LoadTask): Promise<LoadReport> {
  const deliveries = new Deliveries(1, 1);
  const readers = await openReaders(task.url, [task.target], 1, deliveries);
  const port = Number(new URL(task.url).port);
  const opening = Array.from({ length: task.connections }, () => HttpConnection.open(port));
  const connections = await Promise.all(opening);
  const load = new Load(task, deliveries);
  const from = performance.now() + task.warmUpMs;
  const to = from + task.measureMs;
  deliveries.measure(from, to);
  await load.run(connections, from, to);
  const deadline = performance.now() + settleMs;
  while (deliveries.delivered < load.stored && performance.now() < deadline) await sleep(10);
  closeReaders(readers);
  for (const connection of connections) connection.close();
  return load.report();
}

process.once("message", (task: LoadTask) => {
  measure(task).then(
    (report) => {
      process.send?.(report);
      process.disconnect?.();
    },
    (error: unknown) => {
      process.stderr.write(`load: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
