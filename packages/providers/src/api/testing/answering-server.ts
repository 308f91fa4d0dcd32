import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A real HTTP server on this machine that gives prepared answers and remembers what it was asked. */

export interface PreparedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown;
  /** Instead of an answer. */
  readonly fault?: "silent" | "reset" | "half";
}

export interface SeenRequest {
  readonly method: string;
  /** As it came, with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed where it is JSON; null without a body. */
  readonly body: unknown;
}

export type PrepareAnswer = PreparedAnswer | ((request: SeenRequest) => PreparedAnswer);

export interface AnsweringServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Answers for one method and path, one after the other; the last one stays. */
  on(method: string, path: string, ...answers: readonly PrepareAnswer[]): void;
  close(): Promise<void>;
}

/** `otherwise` answers what nothing was prepared for. */
export async function startAnsweringServer(
  otherwise: (request: SeenRequest) => PreparedAnswer,
): Promise<AnsweringServer> {
  const requests: SeenRequest[] = [];
  const prepared = new Map<string, PrepareAnswer[]>();

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const seen: SeenRequest = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      body: text === "" ? null : parsed(text),
    };
    requests.push(seen);
    const answers = prepared.get(`${seen.method} ${seen.path}`);
    const next = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
    const answer = typeof next === "function" ? next(seen) : (next ?? otherwise(seen));
    give(outgoing, answer);
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    on(method, path, ...answers) {
      prepared.set(`${method} ${path}`, [...answers]);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function give(outgoing: ServerResponse, answer: PreparedAnswer): void {
  if (answer.fault === "silent") return;
  if (answer.fault === "reset") {
    outgoing.destroy();
    return;
  }
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? null);
  const bytes = Buffer.from(text);
  outgoing.writeHead(answer.status ?? 200, {
    "content-type": "application/json; charset=utf-8",
    ...answer.headers,
    "content-length": bytes.length,
  });
  if (answer.fault === "half") {
    outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy());
    return;
  }
  outgoing.end(bytes);
}
