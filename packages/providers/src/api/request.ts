/**
 * One HTTP call as a client wants it. The gateway hands in its guarded sender; whoever uses a client
 * alone hands in one of their own.
 */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Lower-case names. One of them carries the key: never log them. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; absent: no body. */
  readonly body?: string;
  /** For everything: connecting, sending, the whole answer. Milliseconds. */
  readonly timeoutMs: number;
  /** What is read of the answer's body at most. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** An answer of any status; redirects are answers too. */
export interface ApiResponse {
  readonly status: number;
  /** Lower-case names; a repeated header is joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body ended early, or was longer than `maxBytes` and cut there. */
  readonly truncated?: boolean;
}

/**
 * Sends one request. Rejects only when no answer came (network, time limit, refused address), best with
 * a {@link SendFailure}; always settles within about `timeoutMs`. Redirects are not followed, and a
 * body longer than `maxBytes` is not read to its end. Any number may run at once.
 */
export type SendRequest = (request: ApiRequest) => Promise<ApiResponse>;

/**
 * Why no answer came. `reason` is a stable word: `timeout`, `connect_timeout` and `dns_timeout` mean
 * that the time limit passed, every other one that the server cannot be reached.
 */
export class SendFailure extends Error {
  readonly reason: string;
  override readonly name = "SendFailure";

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Time and chance, for the pauses between repeats. */
export interface ApiTiming {
  /** Unix milliseconds; a server may say until when to wait as a date. */
  now(): number;
  /** Resolves after `ms`, rejects with the signal's reason as soon as it is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** At least 0, below 1. */
  random(): number;
}

/** What every client needs. */
export interface ApiOptions {
  /** `http` or `https`, with a path when the server stands behind one; without credentials. */
  readonly baseUrl: string;
  /** Empty: the header is left out, for servers that run without a key. */
  readonly apiKey: string;
  readonly send: SendRequest;
  /** For calls that have no longer limit of their own. Default 15,000 ms. */
  readonly timeoutMs?: number;
  /** Default: the system's. */
  readonly timing?: ApiTiming;
}
