import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A request to a fake provider's management API. */
export interface JsonRequest {
  readonly method: string;
  /** Path segments, decoded: `/webhook/find/loja%2Fa` is `["webhook", "find", "loja/a"]`. */
  readonly path: readonly string[];
  /** Path and query as sent. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: JsonBody;
}

export type JsonBody =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly value: unknown }
  /** `reason` is the parser's own sentence: both providers show it. */
  | { readonly kind: "malformed"; readonly reason: string };

export interface JsonReply {
  readonly status: number;
  readonly body: unknown;
}

export interface JsonServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What a request cannot go on from; travels as an exception through a handler. */
export class Refusal extends Error {
  readonly reply: JsonReply;
  constructor(reply: JsonReply) {
    super(`answered ${reply.status}`);
    this.reply = reply;
  }
}

async function parse(request: IncomingMessage): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  if (text === "") return { kind: "none" };
  try {
    return { kind: "json", value: JSON.parse(text) as unknown };
  } catch (error) {
    // Newer runtimes than the providers' add the line and column.
    const reason = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, "");
    return { kind: "malformed", reason };
  }
}

function segments(pathname: string): string[] {
  return pathname.slice(1).split("/").map(decodeURIComponent);
}

/** Serves `handle` on 127.0.0.1, answering as an Express application does. */
export async function startJsonServer(
  handle: (request: JsonRequest) => JsonReply | Promise<JsonReply>,
  options: { readonly port?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<JsonServer> {
  async function reply(request: IncomingMessage): Promise<JsonReply> {
    const { method = "", url = "/", headers } = request;
    const { pathname, searchParams } = new URL(url, "http://fake");
    const single = Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]);
    const body = await parse(request);
    try {
      const flat = Object.fromEntries(single) as Record<string, string | undefined>;
      return await handle({
        method,
        path: segments(pathname),
        url,
        query: searchParams,
        headers: flat,
        body,
      });
    } catch (error) {
      if (error instanceof Refusal) return error.reply;
      throw error;
    }
  }

  const server = createServer((request, response) => {
    void reply(request).then(({ status, body }) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      response.writeHead(status, {
        "X-Powered-By": "Express",
        ...options.headers,
        ...(text === "" ? {} : { "Content-Type": "application/json; charset=utf-8" }),
        "Content-Length": Buffer.byteLength(text),
      });
      response.end(text);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
