import { Worker } from "node:worker_threads";
import type { Logger } from "../../../base/logger.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import type {
  Answer,
  Ask,
  ReaderCall,
  ReaderPlace,
  ReaderReply,
  ReaderRequest,
} from "./reader-requests.ts";

export interface ReaderOptions extends ReaderPlace {
  readonly logger: Logger;
  /** The newest position that is on disk. */
  readonly durablePosition: () => number;
  /** A question met damage in the database. */
  readonly damaged: (error: Error) => void;
  /** What the thread may hold, MiB: one that grows beyond it is ended, and a new one begun. */
  readonly maxHeapMb?: number;
}

/** Questions under way or waiting; more are refused. */
const maxWaiting = 1_000;

const defaultMaxHeapMb = 256;

/** Answers are rows that live shortly: room for more of them makes nothing faster, and is not given back. */
const maxYoungMb = 8;

interface Waiting {
  resolve(answer: Answer<ReaderRequest>): void;
  reject(error: Error): void;
}

function unavailable(reason: string): RecadoError {
  return new RecadoError("store_unavailable", [reason]);
}

/** Beside this module, in the sources as well as compiled. */
const entry = import.meta.url.endsWith(".ts") ? "./reader-thread.ts" : "./reader-thread.js";

/**
 * The store's side of the reader thread: starts it with the first question, hands questions over in order
 * and begins a new one when it died. A question that a thread died of is refused, not asked again.
 */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Rejects with `store_unavailable` when the thread died, too many wait, or the store is closed. */
  ask<R extends ReaderRequest>(request: R, ask: Ask<R>): Promise<Answer<R>> {
    if (this.#isClosed) return Promise.reject(unavailable("the store is closed"));
    if (this.#waiting.size >= maxWaiting)
      return Promise.reject(unavailable("too many questions are waiting"));
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;
    const call: ReaderCall = {
      id,
      request,
      ask,
      durable: { position: this.#options.durablePosition() },
    };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage(call, []);
    });
  }

  /** Ends the thread; what waits is refused. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#refuseAll("the store is closed");
    await worker?.terminate();
  }

  #start(): Worker {
    const { database, views, logger, maxHeapMb = defaultMaxHeapMb } = this.#options;
    const place: ReaderPlace = { database, views };
    const worker = new Worker(new URL(entry, import.meta.url), {
      name: "recado-reader",
      workerData: place,
      execArgv: [...threadArguments()],
      resourceLimits: {
        maxOldGenerationSizeMb: maxHeapMb,
        maxYoungGenerationSizeMb: maxYoungMb,
      },
    });
    worker.on("message", (reply: ReaderReply) => this.#settle(worker, reply));
    worker.on("error", (error) => {
      logger.error({ err: error }, "the reader thread failed");
    });
    worker.on("exit", () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#refuseAll("the reader thread ended");
    });
    // A thread that nobody waits for must not keep the process.
    worker.unref();
    return worker;
  }

  #settle(worker: Worker, reply: ReaderReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) worker.unref();
    if (reply.ok) waiting?.resolve(reply.answer);
    else {
      const reason = `the reader thread could not answer: ${reply.message}`;
      const error = reply.isUnavailable ? unavailable(reason) : new Error(reason);
      if (reply.isDamage) this.#options.damaged(error);
      waiting?.reject(error);
    }
  }

  #refuseAll(reason: string): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(unavailable(reason));
  }
}

/** The thread resolves the other workspaces to their sources where this module is a source. */
function threadArguments(): readonly string[] {
  return entry.endsWith(".ts")
    ? ["--conditions=@recado/source", "--disable-warning=ExperimentalWarning"]
    : ["--disable-warning=ExperimentalWarning"];
}
