import { api, startGateway, temporaryFolder, type GatewayProcess } from "../gateway-process.ts";
import { readCounters, type DoorCounters } from "./door-counters.ts";
import { fixtureBodies } from "./fixture-bodies.ts";
import { FuzzConnection } from "./fuzz-connection.ts";
import { fuzzRequests, type FuzzDoors, type FuzzRequest } from "./fuzz-request.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { takeSample, watchedEnvironment, type ProcessSample } from "./process-sample.ts";
import { readStored } from "./stored-marks.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  /** Requests in flight. */
  readonly connections: number;
  /** Requests before the first look at memory. */
  readonly warmUp: number;
  /** Requests between two looks at the log. */
  readonly block: number;
  readonly progress?: (line: string) => void;
}

export interface FuzzReport {
  readonly requests: number;
  readonly accepted: number;
  /** Refusals by code of the catalogue. */
  readonly refused: ReadonlyMap<string, number>;
  /** Requests with wrong framing that got no answer but a closed connection. */
  readonly closed: number;
  readonly events: number;
  readonly duplicates: number;
  readonly notStored: number;
  readonly perSecond: number;
  readonly slowestMs: number;
  /** After the warm-up and at the end. */
  readonly samples: readonly [ProcessSample, ProcessSample];
  /** What went wrong, the beginning of it; empty when nothing did. */
  readonly problems: readonly string[];
}

const maxProblems = 20;

/** Sends generated requests to a server process of its own and checks every promise of the door meanwhile. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const folder = await temporaryFolder();
  const gateway = await startGateway(folder.path, {
    ...watchedEnvironment(),
    BODY_LIMIT_MB: "1",
  });
  try {
    return await new Fuzz(gateway, options).run();
  } finally {
    await gateway.stop();
    await folder.remove();
  }
}

class Fuzz {
  readonly #gateway: GatewayProcess;
  readonly #options: FuzzOptions;
  readonly #refused = new Map<string, number>();
  readonly #problems: string[] = [];
  /** Of the block before: its last body may be sent once more in this one. */
  #storedBefore: ReadonlySet<number> = new Set();
  /** Marks of the accepted bodies of this block. */
  #marked = new Set<number>();
  #accepted = 0;
  #closed = 0;
  #broken = 0;
  #sent = 0;
  #slowestMs = 0;
  #busyMs = 0;
  #head = 0;
  /** Offset of the last event that was there before. */
  #firstHead = 0;
  #own = 0;
  #counters: DoorCounters = { accepted: 0, events: 0, duplicates: 0, notStored: 0 };

  constructor(gateway: GatewayProcess, options: FuzzOptions) {
    this.#gateway = gateway;
    this.#options = options;
  }

  async run(): Promise<FuzzReport> {
    const { seed, requests, warmUp } = this.#options;
    const doors = await openDoors(this.#gateway.url);
    this.#head = (await readStored(this.#gateway.url, 0)).head;
    this.#firstHead = this.#head;
    await takeSample(this.#gateway);
    const generated = fuzzRequests(seed, requests, fixtureBodies(), doors);
    let warm: ProcessSample | undefined;
    while (this.#sent < requests && this.#problems.length < maxProblems) {
      const before = this.#sent;
      await this.#block(generated);
      if (this.#sent === before) break;
      if (this.#sent >= warmUp) warm ??= await this.#sample();
    }
    const end = await this.#sample();
    return this.#report(warm ?? end, end);
  }

  #report(warm: ProcessSample, end: ProcessSample): FuzzReport {
    return {
      requests: this.#sent,
      accepted: this.#accepted,
      refused: this.#refused,
      closed: this.#closed,
      events: this.#counters.events,
      duplicates: this.#counters.duplicates,
      notStored: this.#counters.notStored,
      perSecond: this.#sent / (this.#busyMs / 1_000),
      slowestMs: this.#slowestMs,
      samples: [warm, end],
      problems: this.#problems.slice(0, maxProblems),
    };
  }

  async #sample(): Promise<ProcessSample> {
    const sample = await takeSample(this.#gateway);
    for (const name of sample.changed) this.#problem(`${name} of the server was changed`);
    return sample;
  }

  async #block(generated: Iterator<FuzzRequest>): Promise<void> {
    const started = performance.now();
    let left = this.#options.block;
    const next = (): FuzzRequest | undefined => {
      if (left === 0 || this.#problems.length >= maxProblems) return undefined;
      left -= 1;
      const { done, value } = generated.next();
      return done === true ? undefined : value;
    };
    const port = Number(new URL(this.#gateway.url).port);
    const senders = Array.from({ length: this.#options.connections }, async () => {
      const connection = new FuzzConnection(port);
      for (let request = next(); request !== undefined; request = next())
        await this.#send(connection, request);
      connection.close();
    });
    await Promise.all(senders);
    this.#busyMs += performance.now() - started;
    await this.#checkLog();
    this.#options.progress?.(
      `${this.#sent} sent, ${this.#accepted} accepted, ${this.#problems.length} problems`,
    );
  }

  async #send(connection: FuzzConnection, request: FuzzRequest): Promise<void> {
    const started = performance.now();
    this.#sent += 1;
    if (request.isBroken) this.#broken += 1;
    try {
      const answers = await connection.send(request);
      if (answers.length === 0) {
        this.#closed += 1;
        // A header that is too large is refused before its body is read: the reset may overtake the answer.
        if (!request.isBroken && request.head.length < 16_000)
          this.#problem(`the connection was closed without an answer`, request);
      }
      for (const answer of answers) {
        const verdict = judgeAnswer(answer);
        if (verdict.kind === "undocumented") this.#problem(verdict.because, request);
        if (verdict.kind === "refused")
          this.#refused.set(verdict.code, (this.#refused.get(verdict.code) ?? 0) + 1);
        if (verdict.kind === "accepted") this.#accept(request);
      }
    } catch (error) {
      this.#problem(String(error), request);
      connection.close();
    }
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - started);
  }

  #accept(request: FuzzRequest): void {
    this.#accepted += 1;
    if (request.mark !== undefined) this.#marked.add(request.mark);
  }

  /** Every accepted body is behind an event, or is counted as a copy or as noise that is not stored. */
  async #checkLog(): Promise<void> {
    const { url } = this.#gateway;
    const already = await readCounters(url);
    const stored = await readStored(url, this.#head);
    const counters = await readCounters(url);
    for (const problem of stored.problems) this.#problem(problem);
    const before = this.#counters;
    const missing = [...this.#marked].filter(
      (mark) => !stored.marks.has(mark) && !this.#storedBefore.has(mark),
    );
    this.#storedBefore = stored.marks;
    const excused = counters.duplicates - before.duplicates + counters.notStored - before.notStored;
    if (missing.length > excused)
      this.#problem(
        `${missing.length} accepted bodies are not in the log, and only ${excused} events were copies or noise: requests ${missing.slice(0, 10).join(", ")}`,
      );
    // Who sends a wrong length and goes away need not hear what the server made of the beginning.
    const unheard = counters.accepted - this.#accepted;
    if (unheard < 0 || unheard > this.#broken)
      this.#problem(
        `${this.#accepted} answers said accepted, the server counts ${counters.accepted}`,
      );
    // What a sender that went away has left may be stored between two of these readings.
    this.#own += stored.own;
    const events = stored.head - this.#firstHead - this.#own;
    if (events < already.events || events > counters.events)
      this.#problem(`${already.events}–${counters.events} events counted, ${events} stored`);
    this.#head = stored.head;
    this.#counters = counters;
    this.#marked = new Set();
  }

  #problem(text: string, request?: FuzzRequest): void {
    if (this.#problems.length >= maxProblems) return;
    const about =
      request === undefined
        ? ""
        : ` (request ${request.number}: ${JSON.stringify(request.head.slice(0, 300))} ${JSON.stringify(Buffer.from(request.body.subarray(0, 600)).toString("latin1"))})`;
    this.#problems.push(`${text}${about}`);
  }
}

/** Instances of both providers, one that asks for signatures, and every way to address them. */
async function openDoors(url: string): Promise<FuzzDoors> {
  const make = async (name: string, provider: string, more: object = {}): Promise<string> => {
    const { ingestUrl } = await api<{ readonly ingestUrl: string }>(url, "POST", "/instances", {
      name,
      provider,
      ...more,
    });
    return new URL(ingestUrl).pathname;
  };
  const evolution = await make("fuzz-evolution", "evolution");
  const waha = await make("fuzz-waha", "waha");
  const signed = await make("fuzz-signed", "waha", { webhookSecret: "a-secret-0123456789" });
  const tenant = await api<{ readonly ingestUrl: string }>(url, "GET", "/tenants/default");
  const all = new URL(tenant.ingestUrl).pathname;
  const usual = (path: string) => [path, path, path, path, path, path, path, path] as const;
  const token = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
  return {
    // Mostly their own; the tenant's address must choose, and the wrong provider's must put up with it.
    byToken: {
      evolution: [...usual(evolution), all, all, waha, signed],
      waha: [...usual(waha), all, all, evolution, signed],
    },
    tokens: [token(evolution), token(waha), token(all), token(signed), "unknown"],
  };
}
