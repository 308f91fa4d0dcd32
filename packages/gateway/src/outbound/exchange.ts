import type { Dispatcher, Pool } from "undici";
import type { Clock } from "../base/clock.ts";
import { failureCodeOf, type FailureCode } from "./failure-code.ts";
import { ConnectFailure } from "./pinned-pools.ts";

/** One request as it goes over a connection. */
export interface ExchangeRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly maxResponseBytes: number;
  /** Time left for connecting, sending and the whole answer. */
  readonly timeoutMs: number;
}

/** Milliseconds; absent when it did not come to that. */
export interface ExchangeTimings {
  /** Waiting for a connection, TLS included; about 0 on a reused one. */
  readonly connectMs?: number;
  /** From sending to the head of the answer. */
  readonly firstByteMs?: number;
}

export type ExchangeResult =
  /** Nothing was sent. */
  | {
      readonly kind: "unconnected";
      readonly failure: ConnectFailure;
      readonly timings: ExchangeTimings;
    }
  | { readonly kind: "failed"; readonly errorCode: FailureCode; readonly timings: ExchangeTimings }
  | {
      readonly kind: "answered";
      readonly statusCode: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: Buffer;
      /** The body was longer than `maxResponseBytes`, or ended early. */
      readonly truncated: boolean;
      /** Why the body ended early. */
      readonly bodyErrorCode?: FailureCode;
      readonly timings: ExchangeTimings;
    };

interface Head {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Answers from this size on are put together while they come. */
const largeAnswer = 1_048_576;

/** Room for an answer whose length is announced; memory is taken only as it is written to. */
function announcedRoom({ headers }: Head, maxResponseBytes: number): Buffer | undefined {
  const length = Number(headers["content-length"]);
  return length >= largeAnswer && length <= maxResponseBytes
    ? Buffer.allocUnsafeSlow(length)
    : undefined;
}

/** Collects the answer of one request and settles exactly once. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly result: Promise<ExchangeResult>;
  readonly #clock: Clock;
  readonly #maxResponseBytes: number;
  readonly #dispatchedAt: number;
  readonly #cancelTimeout: () => void;
  readonly #chunks: Buffer[] = [];
  /** Holds the body instead of the chunks: joining tens of megabytes at the end would hold up everything. */
  #whole: Buffer | undefined;
  #settle: (result: ExchangeResult) => void = () => undefined;
  #settled = false;
  #controller: Dispatcher.DispatchController | undefined;
  #sentAt: number | undefined;
  #headAt: number | undefined;
  #head: Head | undefined;
  #size = 0;

  constructor(request: ExchangeRequest, clock: Clock) {
    this.#clock = clock;
    this.#maxResponseBytes = request.maxResponseBytes;
    this.#dispatchedAt = clock.monotonic();
    this.result = new Promise((settle) => (this.#settle = settle));
    this.#cancelTimeout = clock.after(request.timeoutMs, () => this.#stop("timeout"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The time was over while the request waited for a connection: it must not go out any more.
    if (this.#settled) {
      controller.abort(new Error("the exchange is over"));
      return;
    }
    this.#controller = controller;
    this.#sentAt = this.#clock.monotonic();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // 100 and 103 announce an answer; they are none.
    if (statusCode < 200) return;
    this.#headAt = this.#clock.monotonic();
    this.#head = { statusCode, headers };
    this.#whole = announcedRoom(this.#head, this.#maxResponseBytes);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    const room = (this.#whole?.length ?? this.#maxResponseBytes) - this.#size;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    if (this.#whole) part.copy(this.#whole, this.#size);
    else this.#chunks.push(part);
    this.#size += part.length;
    if (chunk.length > room) this.#stop(undefined);
  }

  onResponseEnd(): void {
    this.#finish(undefined, false);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (error instanceof ConnectFailure && this.#sentAt === undefined) {
      this.#end({ kind: "unconnected", failure: error, timings: this.#timings() });
    } else {
      this.#finish(failureCodeOf(error), true);
    }
  }

  /** Settles, then lets go of the connection: the rest of the answer is not read. */
  #stop(errorCode: FailureCode | undefined): void {
    this.#finish(errorCode, true);
    this.#controller?.abort(new Error("the exchange is over"));
  }

  /** The status decides once there is one; what happens to the body afterwards is only noted. */
  #finish(errorCode: FailureCode | undefined, truncated: boolean): void {
    const timings = this.#timings();
    if (this.#head === undefined) {
      this.#end({ kind: "failed", errorCode: errorCode ?? "bad_response", timings });
      return;
    }
    const bodyError = errorCode === undefined ? {} : { bodyErrorCode: errorCode };
    this.#end({
      kind: "answered",
      ...this.#head,
      body: this.#whole?.subarray(0, this.#size) ?? Buffer.concat(this.#chunks),
      truncated,
      ...bodyError,
      timings,
    });
  }

  #timings(): ExchangeTimings {
    if (this.#sentAt === undefined) return {};
    const connectMs = this.#sentAt - this.#dispatchedAt;
    return this.#headAt === undefined
      ? { connectMs }
      : { connectMs, firstByteMs: this.#headAt - this.#sentAt };
  }

  #end(result: ExchangeResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelTimeout();
    this.#settle(result);
  }
}

/**
 * Sends one request over a pool and waits for the answer, within one time limit for everything. Follows
 * no redirect, decodes nothing. Never rejects.
 */
export function exchange(
  pool: Pool,
  request: ExchangeRequest,
  clock: Clock,
): Promise<ExchangeResult> {
  const running = new Exchange(request, clock);
  const { method, path, headers, body } = request;
  pool.dispatch({ method, path, headers: { ...headers }, body }, running);
  return running.result;
}
