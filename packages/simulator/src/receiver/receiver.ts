import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { type Clock, systemClock } from "../clock.ts";
import { answer, type Script } from "./answer.ts";
import { giveAnswer } from "./give-answer.ts";
import type { ReceivedRequest } from "./received-request.ts";
import { createRequestLog } from "./request-log.ts";

/**
 * A webhook receiver over real HTTP whose answers follow a script.
 *
 * Owns: what arrived, byte for byte, and what it was answered. Must not know: senders, signatures other
 * than Standard Webhooks.
 *
 * I1 A request is recorded before it is answered, with its raw bytes ("raw bytes, headers and time are kept").
 * I2 Waiting ends when the requests are there or the receiver closes, never by a time limit of its own
 *    ("closing ends a wait with the count that was reached").
 * I3 At most `keep` requests are remembered; the oldest go first and `received` counts on.
 */
export interface Receiver {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** How many requests arrived since the start, forgotten ones included. */
  readonly received: number;
  readonly requests: readonly ReceivedRequest[];
  /** Resolves with the remembered requests that match, once there are `count` of them. */
  waitFor(
    count: number,
    where?: (request: ReceivedRequest) => boolean,
  ): Promise<readonly ReceivedRequest[]>;
  /** Replaces the script from the next request on. Its `index` goes on counting. */
  follow(script: Script): void;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  readonly script?: Script;
  /** Default 127.0.0.1 and a free port. */
  readonly host?: string;
  readonly port?: number;
  readonly keep?: number;
  readonly clock?: Clock;
  readonly onRequest?: (request: ReceivedRequest) => void;
}

export type Verification =
  | { readonly kind: "valid"; readonly payload: unknown }
  | { readonly kind: "invalid"; readonly reason: string };

/**
 * Checks a request by the reference library: id, timestamp within five minutes, signature over the raw
 * bytes, and JSON. `secret` is `whsec_…`; a malformed one throws.
 */
export function verifySignature(
  request: Pick<ReceivedRequest, "headers" | "body">,
  secret: string,
): Verification {
  const webhook = new Webhook(secret);
  try {
    return { kind: "valid", payload: webhook.verify(request.body, { ...request.headers }) };
  } catch (error) {
    return { kind: "invalid", reason: (error as Error).message };
  }
}

/** The whole body; undefined when the sender went away in the middle of it. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

/** Every header as text; Node joins repeated ones itself except `set-cookie`. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headersDistinct);
  return Object.fromEntries(entries.map(([name, values]) => [name, (values ?? []).join(", ")]));
}

/** Starts a receiver. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { host = "127.0.0.1", port = 0, clock = systemClock, onRequest } = options;
  let script: Script = options.script ?? (() => answer(200));
  const log = createRequestLog(options.keep ?? 100_000);
  const delays = new Set<() => void>();
  let received = 0;
  let inFlight = 0;

  function later(ms: number, run: () => void): void {
    const cancel = clock.after(ms, () => {
      delays.delete(cancel);
      run();
    });
    delays.add(cancel);
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const others = inFlight;
    inFlight += 1;
    response.once("close", () => (inFlight -= 1));
    const body = await bodyOf(request);
    if (body === undefined) return void response.destroy();
    const { method = "", url = "", rawHeaders } = request;
    const index = received;
    received += 1;
    const chosen = script({ index, method, url });
    const arrived = { index, method, url, headers: headersOf(request), rawHeaders, body };
    const seen = { receivedAt: clock.now(), inFlight: others, answer: chosen };
    const record: ReceivedRequest = { ...arrived, ...seen };
    log.add(record);
    onRequest?.(record);
    const delayMs = "delayMs" in chosen ? (chosen.delayMs ?? 0) : 0;
    if (delayMs > 0) later(delayMs, () => giveAnswer(chosen, response));
    else giveAnswer(chosen, response);
  }

  const server = createServer((request, response) => void take(request, response));
  // Idle connections stay open: a server that closes them races with the sender's next request.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    get received() {
      return received;
    },
    requests: log.requests,
    waitFor: (count, where) => log.waitFor(count, where),
    follow(next) {
      script = next;
    },
    async close() {
      for (const cancel of delays) cancel();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      log.end();
    },
  };
}
