/**
 * The load, as a process of its own on its own core. Told what to do by its first message, it answers
 * with one {@link GeneratorReport}; `begin` and `end` mark the measured time for whoever watches the
 * server.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Deliveries, type DeliveryReport } from "./deliveries.ts";
import { HttpConnection } from "./http-connection.ts";
import { closeReaders, openReaders, type Target } from "./readers.ts";
import { messageId, requestTemplate } from "./webhook-body.ts";

export interface GeneratorTask {
  readonly url: string;
  readonly targets: readonly Target[];
  readonly readersPerTenant: number;
  readonly connections: number;
  /** Webhooks per second; absent: each connection posts again as soon as it was answered. */
  readonly rate?: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface GeneratorReport extends DeliveryReport {
  readonly kind: "report";
  /** Webhooks answered in the measured time, per second. */
  readonly perSecond: number;
  readonly answered: number;
  /** CPU time of the generator in the measured time, as a share of one core. */
  readonly cpu: number;
}

export type GeneratorMessage =
  | { readonly kind: "begin" }
  | { readonly kind: "end" }
  | GeneratorReport;

/** Longest wait for the last deliveries. */
const settleMs = 10_000;

function tell(message: GeneratorMessage): void {
  process.send?.(message);
}

class Load {
  readonly #task: GeneratorTask;
  readonly #deliveries: Deliveries;
  readonly #requests: readonly ((number: number) => string)[];
  #next = 0;
  #answered = 0;

  constructor(task: GeneratorTask, deliveries: Deliveries) {
    this.#task = task;
    this.#deliveries = deliveries;
    const { host } = new URL(task.url);
    this.#requests = task.targets.map(({ path, instance }) => {
      const { before, after } = requestTemplate(host, path, instance);
      return (number) => before + messageId(number) + after;
    });
  }

  get sent(): number {
    return this.#next;
  }

  get answered(): number {
    return this.#answered;
  }

  /** Posts the next webhook; `dueAt` is when it should have left. */
  async post(connection: HttpConnection, dueAt: number): Promise<void> {
    const number = this.#next;
    this.#next += 1;
    const request = this.#requests[number % this.#requests.length];
    this.#deliveries.due(number, dueAt);
    const status = await connection.post(request?.(number) ?? "");
    if (status !== 200) throw new Error(`a webhook was answered ${status}`);
    this.#answered += 1;
  }

  async closedLoop(connections: readonly HttpConnection[], until: number): Promise<void> {
    await Promise.all(
      connections.map(async (connection) => {
        while (performance.now() < until) await this.post(connection, performance.now());
      }),
    );
  }

  /** A webhook that finds every connection busy waits for one; its time runs from when it was due. */
  async openLoop(
    connections: readonly HttpConnection[],
    until: number,
    rate: number,
  ): Promise<void> {
    const idle = [...connections];
    const due: number[] = [];
    const running = new Set<Promise<void>>();
    const start = performance.now();
    let planned = 0;
    const dispatch = (): void => {
      while (due.length > 0 && idle.length > 0) {
        const connection = idle.pop();
        const dueAt = due.shift();
        if (!connection || dueAt === undefined) return;
        const one = this.post(connection, dueAt).then(() => {
          idle.push(connection);
          running.delete(one);
          dispatch();
        });
        running.add(one);
      }
    };
    while (performance.now() < until) {
      const now = performance.now();
      for (; start + (planned * 1_000) / rate <= now; planned += 1) {
        due.push(start + (planned * 1_000) / rate);
      }
      dispatch();
      await sleep(1);
    }
    await Promise.all(running);
  }

  run(connections: readonly HttpConnection[], until: number): Promise<void> {
    const { rate } = this.#task;
    return rate === undefined
      ? this.closedLoop(connections, until)
      : this.openLoop(connections, until, rate);
  }
}

async function measure(task: GeneratorTask): Promise<GeneratorReport> {
  const deliveries = new Deliveries(task.targets.length, task.readersPerTenant);
  const readers = await openReaders(task.url, task.targets, task.readersPerTenant, deliveries);
  const port = Number(new URL(task.url).port);
  const connections = await Promise.all(
    Array.from({ length: task.connections }, () => HttpConnection.open(port)),
  );
  const load = new Load(task, deliveries);
  const from = performance.now() + task.warmUpMs;
  const to = from + task.measureMs;
  deliveries.measure(from, to);
  const running = load.run(connections, to);

  await sleep(task.warmUpMs);
  tell({ kind: "begin" });
  const cpuBefore = process.cpuUsage();
  const answeredBefore = load.answered;
  const began = performance.now();
  await sleep(task.measureMs - 5);
  const seconds = (performance.now() - began) / 1_000;
  const answered = load.answered - answeredBefore;
  const cpu = process.cpuUsage(cpuBefore);
  tell({ kind: "end" });

  await running;
  const expected = load.sent * task.readersPerTenant;
  const deadline = performance.now() + settleMs;
  while (deliveries.delivered < expected && performance.now() < deadline) await sleep(10);
  // Whatever comes twice would come about now.
  await sleep(200);
  closeReaders(readers);
  for (const connection of connections) connection.close();
  return {
    kind: "report",
    perSecond: answered / seconds,
    answered,
    cpu: (cpu.user + cpu.system) / 1e6 / seconds,
    ...deliveries.report(load.sent),
  };
}

process.once("message", (task: GeneratorTask) => {
  measure(task).then(
    (report) => {
      tell(report);
      process.disconnect?.();
    },
    (error: unknown) => {
      process.stderr.write(`generator: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
