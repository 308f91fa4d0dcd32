import type { IncomingMessage } from "node:http";

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
  /** Written as JSON; undefined: an empty body. */
  readonly body: unknown;
  /** Written as it is instead of `body`: a proxy's HTML page, JSON that is cut, a picture. */
  readonly text?: string | Uint8Array;
  /** Beside and above the server's own. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request cannot go on from; travels as an exception through a handler. */
export class Refusal extends Error {
  readonly reply: JsonReply;
  constructor(reply: JsonReply) {
    super(`answered ${reply.status}`);
    this.reply = reply;
  }
}

async function bodyOf(request: IncomingMessage): Promise<JsonBody> {
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

/** A segment that cannot be decoded stays as it was sent. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The path as sent, its dots resolved: `//x` is a path, too, and no host. */
function addressOf(url: string): Pick<JsonRequest, "path" | "query"> {
  const parsed = URL.parse(url.startsWith("/") ? `http://fake${url}` : url);
  // `OPTIONS *` and an address without a readable host: no route has such a path.
  if (parsed === null) return { path: [url], query: new URLSearchParams() };
  return {
    path: parsed.pathname.slice(1).split("/").map(decoded),
    query: parsed.searchParams,
  };
}

/** Reads the whole request. Rejects when the client goes away in the middle of it. */
export async function readRequest(request: IncomingMessage): Promise<JsonRequest> {
  const { method = "", url = "/" } = request;
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : value,
  ]);
  return {
    method,
    ...addressOf(url),
    url,
    headers: Object.fromEntries(headers) as Record<string, string | undefined>,
    body: await bodyOf(request),
  };
}
