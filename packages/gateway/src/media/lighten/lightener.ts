import { Worker } from "node:worker_threads";
import type { Logger } from "../../base/logger.ts";
import { RecadoError } from "../../base/recado-error.ts";
import type { LightenCall, LightenPlace, LightenReply, WrittenFile } from "./lighten-messages.ts";

export interface LightenerOptions extends LightenPlace {
  readonly logger: Logger;
  /** Bodies in the thread or waiting for it, in bytes together; one always fits. */
  readonly maxBytes?: number;
}

export interface Lightened {
  /** The body as it came. */
  readonly original: Uint8Array;
  readonly light: Uint8Array;
  /** SHA-256 of the body as it came, lower-case hex. */
  readonly bodyHash: string;
  readonly files: readonly WrittenFile[];
}

interface Waiting {
  readonly size: number;
  resolve(reply: Extract<LightenReply, { ok: true }>): void;
  reject(error: Error): void;
}

const usualMaxBytes = 256 * 1_048_576;

/** Beside this module, in the sources as well as compiled. */
const entry = import.meta.url.endsWith(".ts") ? "./lighten-thread.ts" : "./lighten-thread.js";

function unavailable(reason: string): RecadoError {
  return new RecadoError("store_unavailable", [reason]);
}

/** Bytes that are alone in their memory, so that it can be handed over. */
function alone(bytes: Uint8Array): Uint8Array {
  const isAlone =
    bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return isAlone ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}

/**
 * Our side of the media thread: starts it with the first large body, and begins a new one when it died. What
 * it died of is refused, so that its sender tries again.
 */
export class Lightener {
  readonly #options: LightenerOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #bytes = 0;
  #isClosed = false;

  constructor(options: LightenerOptions) {
    this.#options = options;
  }

  /** Bytes of bodies in the thread or waiting for it. */
  get bytesInFlight(): number {
    return this.#bytes;
  }

  /**
   * Takes the files out of a body. `bytes` may be emptied: use what comes back. Rejects with
   * `store_unavailable` when too much waits, the thread died, a file cannot be written, or it is closed.
   */
  async lighten(tenantId: string, bytes: Uint8Array): Promise<Lightened> {
    if (this.#isClosed) throw unavailable("the server is stopping");
    const size = bytes.byteLength;
    if (this.#bytes > 0 && this.#bytes + size > (this.#options.maxBytes ?? usualMaxBytes))
      throw unavailable("too many large webhooks are arriving at once");
    const reply = await this.#ask(tenantId, alone(bytes), size);
    const { bytes: original, light = original, bodyHash, files } = reply;
    return { original, light, bodyHash, files };
  }

  /** Ends the thread; what waits is refused. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#refuseAll("the server is stopping");
    await worker?.terminate();
  }

  #ask(
    tenantId: string,
    bytes: Uint8Array,
    size: number,
  ): Promise<Extract<LightenReply, { ok: true }>> {
    const worker = (this.#worker ??= this.#start());
    const call: LightenCall = { id: this.#nextId++, tenantId, bytes };
    const { promise, resolve, reject } =
      Promise.withResolvers<Extract<LightenReply, { ok: true }>>();
    this.#waiting.set(call.id, { size, resolve, reject });
    this.#bytes += size;
    worker.ref();
    worker.postMessage(call, [bytes.buffer as ArrayBuffer]);
    return promise;
  }

  #start(): Worker {
    const { incoming, key, logger } = this.#options;
    const worker = new Worker(new URL(entry, import.meta.url), {
      name: "recado-media",
      workerData: { incoming, key } satisfies LightenPlace,
      // The thread resolves the other workspaces to their sources where this module is a source.
      execArgv: [
        ...(entry.endsWith(".ts") ? ["--conditions=@recado/source"] : []),
        "--disable-warning=ExperimentalWarning",
      ],
    });
    worker.on("message", (reply: LightenReply) => this.#settle(worker, reply));
    worker.on("error", (error) => logger.error({ err: error }, "the media thread failed"));
    worker.on("exit", () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#refuseAll("the media thread ended");
    });
    // A thread that nobody waits for must not keep the process.
    worker.unref();
    return worker;
  }

  #settle(worker: Worker, reply: LightenReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    this.#bytes -= waiting?.size ?? 0;
    if (this.#waiting.size === 0) worker.unref();
    if (reply.ok) return waiting?.resolve(reply);
    this.#options.logger.error({ reason: reply.message }, "a file of a webhook could not be kept");
    waiting?.reject(unavailable("a file of the webhook could not be kept"));
  }

  #refuseAll(reason: string): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#bytes = 0;
    for (const { reject } of all) reject(unavailable(reason));
  }
}
