/**
 * Webhooks at a rate, or as many as are taken, and questions one after the other, as a process of its own.
 * Told what to do by its first message, it answers with one {@link LoadReport}.
 */
import { HttpConnection } from "../ingest/http-connection.ts";
import { adminKey } from "../ingest/server-process.ts";
import { personOf, receivedAtOf, tenantId, type FillPlan } from "./fill.ts";
import { messageIdOf, phoneOf, searchBody } from "./search-body.ts";

export interface LoadTask {
  readonly url: string;
  /** Secret parts of ingest addresses, one for each tenant. */
  readonly tokens: readonly string[];
  readonly connections: number;
  /** Webhooks per second; absent: as many as are taken. */
  readonly rate?: number;
  readonly measureMs: number;
  /** Number of the first new message. */
  readonly first: number;
  /** What is there already and asked for; empty: no questions. */
  readonly plans: readonly FillPlan[];
  /** Questions per second. */
  readonly questions: number;
}

export const questionKinds = ["phone", "chat", "message id", "instance", "period"] as const;
export type QuestionKind = (typeof questionKinds)[number];

export interface LoadReport {
  readonly perSecond: number;
  /** Milliseconds, in order of asking. */
  readonly answers: Readonly<Record<QuestionKind, readonly number[]>>;
}

const hour = 3_600_000;

/** A question about what is there, and how many events its answer must have at least. */
function questionOf(
  kind: QuestionKind,
  number: number,
  plan: FillPlan,
): [path: string, atLeast: number, atMost: number] {
  const { person } = personOf(number, plan);
  const at = receivedAtOf(number, plan);
  const times = `since=${new Date(at - hour).toISOString()}&until=${new Date(at + hour).toISOString()}`;
  switch (kind) {
    case "phone":
      return [`phone=${phoneOf(person)}`, 50, 50];
    case "chat":
      return [`chat=${phoneOf(person)}@s.whatsapp.net&direction=out`, 10, 50];
    case "message id":
      return [`messageId=${messageIdOf(number)}`, 1, 1];
    case "instance":
      return [
        `instance=${tenantId(number % plan.tenants)}&phone=${phoneOf(person)}&${times}`,
        1,
        50,
      ];
    case "period":
      return [times, 1, 50];
  }
}

class Load {
  readonly #task: LoadTask;
  readonly #answers: Record<QuestionKind, number[]> = {
    phone: [],
    chat: [],
    "message id": [],
    instance: [],
    period: [],
  };
  #next: number;
  #accepted = 0;
  #isOver = false;

  constructor(task: LoadTask) {
    this.#task = task;
    this.#next = task.first;
  }

  async run(): Promise<LoadReport> {
    const { connections, url, measureMs, plans } = this.#task;
    const port = Number(new URL(url).port);
    const open = await Promise.all(
      Array.from({ length: connections }, () => HttpConnection.open(port)),
    );
    const begun = performance.now();
    const ended = setTimeout(() => (this.#isOver = true), measureMs);
    await Promise.all([
      ...open.map((connection, index) => this.#post(connection, index, begun)),
      ...(plans.length > 0 ? [this.#ask(begun)] : []),
    ]);
    clearTimeout(ended);
    for (const connection of open) connection.close();
    const perSecond = (this.#accepted * 1_000) / (performance.now() - begun);
    return { perSecond, answers: this.#answers };
  }

  async #post(connection: HttpConnection, lane: number, begun: number): Promise<void> {
    const { rate, connections } = this.#task;
    for (let sent = 0; !this.#isOver; sent += 1) {
      if (rate !== undefined) await until(begun + ((sent * connections + lane) * 1_000) / rate);
      const status = await connection.post(this.#webhook(this.#next++));
      if (status !== 200 && status !== 201) throw new Error(`a webhook was answered ${status}`);
      this.#accepted += 1;
    }
  }

  #webhook(number: number): string {
    const { tokens, url } = this.#task;
    const index = number % tokens.length;
    const instance = tenantId(index);
    const body = searchBody({ number, instance, person: number % 500, at: Date.now() });
    const text = JSON.stringify(body);
    const head = [
      `POST /in/${tokens[index] ?? ""} HTTP/1.1`,
      `host: ${new URL(url).host}`,
      "content-type: application/json",
      "user-agent: axios/1.7.9",
      `content-length: ${text.length}`,
    ].join("\r\n");
    return `${head}\r\n\r\n${text}`;
  }

  async #ask(begun: number): Promise<void> {
    const { plans, questions } = this.#task;
    let seed = 1;
    for (let asked = 0; !this.#isOver; asked += 1) {
      await until(begun + (asked * 1_000) / questions);
      const plan = plans[asked % plans.length];
      const kind = questionKinds[Math.floor(asked / plans.length) % questionKinds.length];
      if (!plan || !kind) return;
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      const number = plan.first + Math.floor((plan.events - 1) * (0.02 + (0.96 * seed) / 2 ** 32));
      this.#answers[kind].push(await this.#answer(kind, number, plan));
    }
  }

  async #answer(kind: QuestionKind, number: number, plan: FillPlan): Promise<number> {
    const [query, atLeast, atMost] = questionOf(kind, number, plan);
    const begun = performance.now();
    const response = await fetch(`${this.#task.url}/api/v1/events?limit=50&${query}`, {
      headers: { apikey: adminKey, "x-tenant-id": tenantId(number % plan.tenants) },
    });
    const { data } = (await response.json()) as { readonly data?: readonly unknown[] };
    const took = performance.now() - begun;
    const found = data?.length ?? -1;
    if (found < atLeast || found > atMost)
      throw new Error(`${response.status}: ${found} events for ${query}`);
    return took;
  }
}

function until(at: number): Promise<void> {
  const waitMs = at - performance.now();
  return new Promise((resolve) =>
    waitMs <= 0 ? setImmediate(resolve) : setTimeout(resolve, waitMs),
  );
}

process.once("message", (task: LoadTask) => {
  void new Load(task).run().then(
    (report) => process.send?.(report, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
