import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "../clock.ts";
import { type Call, type CallLog, createCallLog } from "./call-log.ts";
import { createFaults, type Fault } from "./fault.ts";
import { type JsonReply, type JsonRequest, readRequest, Refusal } from "./json-request.ts";

export { type JsonBody, type JsonReply, type JsonRequest, Refusal } from "./json-request.ts";

/**
 * A provider's process as the network sees it: a port, on 127.0.0.1 unless told otherwise, that answers
 * JSON as an Express application does, and may share it with sockets.
 *
 * Owns: the port, latency, faults, the call log. Must not know: providers.
 *
 * I1 The address stays the same through `stop` and `start`, and nothing of the process before is left
 *    ("a stopped process refuses connections, and comes back at the same address").
 * I2 A call that still waits when the process dies changes nothing ("a call that waits dies with the
 *    process").
 * I3 Every call is counted before it is answered, also one that never is ("calls are counted by route").
 * I4 A process that cannot listen leaves nothing behind ("a port that is taken is an error, and nothing is
 *    left running").
 */
export interface JsonServer {
  readonly url: string;
  readonly calls: CallLog;
  /** Milliseconds before each answer, from now on. */
  setLatency(ms: number): void;
  /** Befalls calls from now on; returns what lifts it. */
  fail(fault: Fault): () => void;
  /** The process dies: connections are cut, new ones refused. */
  stop(): Promise<void>;
  /** It comes back at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface JsonServerOptions {
  readonly port?: number;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Headers of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Milliseconds before each answer. Default 0. */
  readonly latencyMs?: number;
  /** A route's name for the call log, its parameters named. Default: method and path as sent. */
  readonly routeOf?: (request: JsonRequest) => string;
  /** Told of every call once its status is sent. */
  readonly onCall?: (call: Call) => void;
  /** Called for each process that starts, with its server, so that sockets can share the port. Returns what closes them. */
  readonly attach?: (http: Server) => () => Promise<void> | void;
}

type Handle = (request: JsonRequest) => JsonReply | Promise<JsonReply>;

async function answered(handle: Handle, request: JsonRequest): Promise<JsonReply> {
  try {
    return await handle(request);
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    // The simulator's own mistake: shown to whoever called, since nobody else waits for it.
    return { status: 500, body: undefined, text: `simulator: ${String(error)}` };
  }
}

function write(
  response: ServerResponse,
  reply: JsonReply,
  headers: Readonly<Record<string, string>>,
): void {
  const text = reply.text ?? (reply.body === undefined ? "" : JSON.stringify(reply.body));
  const type = text.length === 0 ? {} : { "Content-Type": "application/json; charset=utf-8" };
  response.writeHead(reply.status, {
    "X-Powered-By": "Express",
    ...headers,
    ...type,
    ...reply.headers,
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** Port 0 is any free one. */
function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Where a client on this machine reaches a server that listens on `host`. */
function addressOf(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Starts serving `handle`. */
export async function startJsonServer(
  handle: Handle,
  options: JsonServerOptions = {},
): Promise<JsonServer> {
  const { clock = systemClock, headers = {}, host = "127.0.0.1", onCall } = options;
  const routeOf = options.routeOf ?? ((request) => `${request.method} /${request.path.join("/")}`);
  const calls = createCallLog();
  const faults = createFaults();
  let latencyMs = options.latencyMs ?? 0;
  const pause = (ms: number): Promise<void> =>
    ms > 0 ? new Promise((resolve) => void clock.after(ms, resolve)) : Promise.resolve();

  async function respond(
    incoming: IncomingMessage,
    response: ServerResponse,
    isAlive: () => boolean,
  ): Promise<void> {
    const request = await readRequest(incoming);
    const route = routeOf(request);
    const call = { at: clock.now(), route, url: request.url };
    const done = calls.arrived(call);
    const fault = faults.take(route);
    await pause(latencyMs + (fault?.delayMs ?? 0));
    if (fault?.answer === "hang" || !isAlive()) return;
    if (fault?.answer === "reset") {
      incoming.socket.resetAndDestroy();
      return;
    }
    const reply = fault?.answer ?? (await answered(handle, request));
    done(reply.status);
    write(response, reply, headers);
    onCall?.({ ...call, status: reply.status });
  }

  async function open(wanted: number): Promise<{ port: number; shut: () => Promise<void> }> {
    let alive = true;
    const http = createServer((incoming, response) => {
      // A client that goes away while it sends is not answered.
      respond(incoming, response, () => alive).catch(() => response.destroy());
    });
    const detach = options.attach?.(http);
    const port = await listen(http, wanted, host).catch(async (error: unknown) => {
      await detach?.();
      throw error;
    });
    return {
      port,
      async shut() {
        alive = false;
        const closed = new Promise<void>((resolve) => http.close(() => resolve()));
        const detached = detach?.();
        http.closeAllConnections();
        await detached;
        await closed;
      },
    };
  }

  let running: Awaited<ReturnType<typeof open>> | undefined = await open(options.port ?? 0);
  const { port } = running;
  const stop = async (): Promise<void> => {
    const ending = running;
    running = undefined;
    await ending?.shut();
  };
  return {
    url: addressOf(host, port),
    calls,
    setLatency(ms) {
      latencyMs = ms;
    },
    fail: (fault) => faults.set(fault),
    stop,
    async start() {
      running ??= await open(port);
    },
    close: stop,
  };
}
