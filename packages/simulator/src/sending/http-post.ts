import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "../clock.ts";
import type { FailureReason, Outcome } from "./attempt.ts";

/**
 * One POST as both providers send it: axios over Node's own HTTP client.
 *
 * Owns: header order and spelling on the wire, keep-alive, the time-out, redirects. Must not know:
 * providers, retries, events.
 *
 * I1 Headers leave in the order and spelling they are given, `Host` and `Connection` last, as recorded
 *    from a real Evolution API ("headers leave in the recorded order").
 * I2 301, 302 and 303 turn the POST into a GET without body or content headers; 307 and 308 repeat it
 *    ("a 302 is followed by a GET without a body, and its 200 counts").
 * I3 An answer counts only when its whole body arrived ("an answer cut in the middle is a failure").
 */
export interface HttpPost {
  readonly url: string;
  /** In the order and spelling of the wire, without Content-Length, Accept-Encoding, Host, Connection. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly timeoutMs?: number;
}

/** Sends requests over its own keep-alive connections. */
export interface HttpClient {
  post(post: HttpPost, signal: AbortSignal): Promise<Outcome>;
  /** Closes idle connections. Requests under way are ended by their signal. */
  close(): void;
}

/** follow-redirects' limit as axios sets it. */
const mostRedirects = 21;

interface Hop {
  readonly url: URL;
  readonly method: "POST" | "GET";
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Uint8Array;
}

type HopResult = {
  readonly status: number;
  readonly location?: string;
  readonly retryAfter?: string;
};

/** What stopped a request from outside: the reason travels in the signal. */
class Interruption extends Error {
  readonly reason: FailureReason;
  constructor(reason: FailureReason) {
    super(reason);
    this.reason = reason;
  }
}

/** The request that follows a redirect, or why none does. */
export function followRedirect(hop: Hop, status: number, location: string): Hop | "bad_location" {
  if (!URL.canParse(location, hop.url)) return "bad_location";
  const url = new URL(location, hop.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "bad_location";
  const sameHost = url.host === hop.url.host;
  const kept = hop.headers.filter(([name]) => sameHost || !/^(authorization|cookie)$/i.test(name));
  if (status === 307 || status === 308) return { ...hop, url, headers: kept };
  return { url, method: "GET", headers: kept.filter(([name]) => !/^content-/i.test(name)) };
}

function wireHeaders(hop: Hop): string[] {
  const own: [string, string][] = [["Accept-Encoding", "gzip, compress, deflate, br"]];
  if (hop.body) own.unshift(["Content-Length", String(hop.body.length)]);
  own.push(["Host", hop.url.host], ["Connection", "keep-alive"]);
  return [...hop.headers, ...own].flat();
}

function readAnswer(
  answer: IncomingMessage,
  resolve: (result: HopResult) => void,
  reject: (error: Error) => void,
): void {
  answer.resume();
  answer.once("error", reject);
  answer.once("close", () => {
    if (!answer.complete) return reject(new Error("the answer ended before its time"));
    const { location, "retry-after": retryAfter } = answer.headers;
    resolve({
      status: answer.statusCode ?? 0,
      ...(location === undefined ? {} : { location }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  });
}

function failure(error: unknown): Outcome {
  if (error instanceof Interruption)
    return { kind: "failed", reason: error.reason, detail: error.reason };
  const { code, message } = error as NodeJS.ErrnoException;
  return { kind: "failed", reason: "network", detail: code ?? message };
}

/** Creates a client. `clock` measures the time-out. */
export function createHttpClient(clock: Clock): HttpClient {
  const agents = {
    "http:": new HttpAgent({ keepAlive: true }),
    "https:": new HttpsAgent({ keepAlive: true }),
  };

  function send(hop: Hop, signal: AbortSignal): Promise<HopResult> {
    return new Promise((resolve, reject) => {
      const secure = hop.url.protocol === "https:";
      const request = (secure ? httpsRequest : httpRequest)(hop.url, {
        method: hop.method,
        headers: wireHeaders(hop),
        agent: secure ? agents["https:"] : agents["http:"],
      });
      const stop = (): void => void request.destroy(signal.reason as Error);
      const done = (): void => signal.removeEventListener("abort", stop);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
      const fail = (error: Error): void => {
        done();
        reject(signal.aborted ? (signal.reason as Error) : error);
      };
      request.on("error", fail);
      request.once("response", (answer) =>
        readAnswer(answer, (result) => (done(), resolve(result)), fail),
      );
      request.end(hop.body);
    });
  }

  async function chain(first: Hop, signal: AbortSignal): Promise<Outcome> {
    let hop = first;
    for (let redirects = 0; ; redirects += 1) {
      const { status, location, retryAfter } = await send(hop, signal);
      const redirected = status >= 300 && status < 400 && location !== undefined;
      if (!redirected) {
        return {
          kind: "answered",
          status,
          method: hop.method,
          redirects,
          ...(retryAfter === undefined ? {} : { retryAfter }),
        };
      }
      if (redirects === mostRedirects)
        return { kind: "failed", reason: "too_many_redirects", detail: location };
      const next = followRedirect(hop, status, location);
      if (next === "bad_location")
        return { kind: "failed", reason: "bad_location", detail: location };
      hop = next;
    }
  }

  return {
    async post({ url, headers, body, timeoutMs }, signal) {
      const interrupt = new AbortController();
      const stop = (): void => interrupt.abort(new Interruption("stopped"));
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      const cancel =
        timeoutMs === undefined
          ? undefined
          : clock.after(timeoutMs, () => interrupt.abort(new Interruption("timeout")));
      try {
        return await chain({ url: new URL(url), method: "POST", headers, body }, interrupt.signal);
      } catch (error) {
        return failure(error);
      } finally {
        cancel?.();
        signal.removeEventListener("abort", stop);
      }
    },
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}
