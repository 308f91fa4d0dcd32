import type { Clock } from "../base/clock.ts";
import { inspectUrl, type GuardPolicy } from "./address-guard.ts";
import { exchange, type ExchangeResult } from "./exchange.ts";
import { failureCodeOf, failureSentence, type FailureCode } from "./failure-code.ts";
import type { ConnectFailure, PinnedPools } from "./pinned-pools.ts";
import type { ResolveName } from "./resolve.ts";
import { vetAddresses } from "./vet-addresses.ts";

export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  /** Sent with the case given; `host` and `content-length` are set from the URL and the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** For everything: resolving, connecting, sending, the whole answer. */
  readonly timeoutMs: number;
  /** What is kept of the answer's body; reading ends there. */
  readonly maxResponseBytes: number;
  /** Opens private, loopback and shared networks for this request. */
  readonly allowPrivate: boolean;
}

/** Milliseconds; a phase that was not reached is absent. */
export interface OutboundTimings {
  readonly dnsMs?: number;
  /** TLS included; about 0 when a connection was reused. */
  readonly connectMs?: number;
  readonly firstByteMs?: number;
  readonly totalMs: number;
}

/** How a request ended. A status of any kind is an answer, redirects included: none is followed. */
export type OutboundOutcome =
  | {
      readonly kind: "answered";
      readonly statusCode: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: Buffer;
      readonly truncated: boolean;
      /** Why the body ended early, when the connection did. */
      readonly bodyErrorCode?: FailureCode;
      readonly remoteAddress: string;
      readonly timings: OutboundTimings;
    }
  | {
      readonly kind: "failed";
      readonly errorCode: FailureCode;
      readonly errorMessage: string;
      /** Where the connection stood, when there was one. */
      readonly remoteAddress?: string;
      readonly timings: OutboundTimings;
    };

export interface HttpClientOptions {
  readonly clock: Clock;
  readonly resolve: ResolveName;
  readonly pools: PinnedPools;
}

function connectCode(failure: ConnectFailure): FailureCode {
  return failure.misdirected ? "blocked_address" : failureCodeOf(failure.cause);
}

/** IPv4 first: in containers IPv6 often has addresses but no route. An open connection before that. */
function inOrder(
  addresses: readonly string[],
  origin: string,
  pools: PinnedPools,
): readonly string[] {
  const rank = (address: string): number =>
    (pools.has(origin, address) ? 0 : 2) + (address.includes(":") ? 1 : 0);
  return [...new Set(addresses)].toSorted((left, right) => rank(left) - rank(right));
}

/**
 * The guarded HTTP client: judge the URL, resolve every address, refuse when one of them is bad,
 * connect only to those.
 */
export class HttpClient {
  readonly #clock: Clock;
  readonly #resolve: ResolveName;
  readonly #pools: PinnedPools;

  constructor({ clock, resolve, pools }: HttpClientOptions) {
    this.#clock = clock;
    this.#resolve = resolve;
    this.#pools = pools;
  }

  /** Never rejects. */
  async request(request: OutboundRequest, policy: GuardPolicy): Promise<OutboundOutcome> {
    const startedAt = this.#clock.monotonic();
    const failed = (
      errorCode: FailureCode,
      errorMessage = failureSentence(errorCode),
      dnsMs?: number,
    ): OutboundOutcome => ({
      kind: "failed",
      errorCode,
      errorMessage,
      timings: {
        ...(dnsMs === undefined ? {} : { dnsMs }),
        totalMs: this.#clock.monotonic() - startedAt,
      },
    });
    // undici would send a caller's host as it is: a vetted address asked for another name.
    if (Object.keys(request.headers).some((name) => name.toLowerCase() === "host")) {
      return failed("request_invalid");
    }
    const verdict = inspectUrl(request.url, policy);
    if (!verdict.ok)
      return failed(
        verdict.code === "url_blocked" ? "blocked_address" : "url_invalid",
        verdict.reason,
      );
    const found = await vetAddresses(verdict.target, policy, request.timeoutMs, {
      clock: this.#clock,
      resolve: this.#resolve,
    });
    if (!found.ok) return failed(found.errorCode, found.message, found.dnsMs);
    return this.#send(request, verdict.target.url, found.addresses, startedAt, found.dnsMs);
  }

  /** Tries the vetted addresses one after the other until one connects; what was sent is never sent again. */
  async #send(
    request: OutboundRequest,
    url: URL,
    addresses: readonly string[],
    startedAt: number,
    dnsMs: number | undefined,
  ): Promise<OutboundOutcome> {
    const dns = dnsMs === undefined ? {} : { dnsMs };
    const total = (): number => this.#clock.monotonic() - startedAt;
    let errorCode: FailureCode = "timeout";
    for (const address of inOrder(addresses, url.origin, this.#pools)) {
      const timeoutMs = request.timeoutMs - total();
      if (timeoutMs <= 0) break;
      const result = await this.#exchange(request, url, address, timeoutMs);
      const timings = { ...dns, ...result.timings, totalMs: total() };
      if (result.kind === "answered") return { ...result, remoteAddress: address, timings };
      if (result.kind === "failed") {
        const { errorCode: code } = result;
        // Without a connection there is no remote address to speak of.
        const remote = result.timings.connectMs === undefined ? {} : { remoteAddress: address };
        return {
          kind: "failed",
          errorCode: code,
          errorMessage: failureSentence(code),
          ...remote,
          timings,
        };
      }
      errorCode = connectCode(result.failure);
    }
    return {
      kind: "failed",
      errorCode,
      errorMessage: failureSentence(errorCode),
      timings: { ...dns, totalMs: total() },
    };
  }

  async #exchange(
    request: OutboundRequest,
    url: URL,
    address: string,
    timeoutMs: number,
  ): Promise<ExchangeResult> {
    const { method, headers, body, maxResponseBytes } = request;
    const taken = this.#pools.take(url.origin, address);
    try {
      const path = `${url.pathname}${url.search}`;
      return await exchange(
        taken.pool,
        { method, path, headers, body, maxResponseBytes, timeoutMs },
        this.#clock,
      );
    } finally {
      taken.release();
    }
  }
}
