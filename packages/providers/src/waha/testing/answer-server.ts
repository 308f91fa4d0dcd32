import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { instantTiming } from "../../api/testing/instant-timing.ts";
import { plainSend } from "../../api/testing/plain-send.ts";
import { WahaApi, type WahaApiOptions } from "../api/index.ts";

/** What a server is asked. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query, as they came over the wire. */
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed when it is JSON; undefined when there was none. */
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** The connection ends before the whole body was sent. */
  readonly cutOff?: boolean;
  /** No answer at all; the connection stays open. */
  readonly silent?: boolean;
}

/** Replies in turn, or whatever the function says to a request. */
export type Script = readonly Reply[] | ((request: SeenRequest) => Reply);

async function seen(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? "",
    url: request.url ?? "",
    headers: request.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

const outOfScript: Reply = {
  status: 418,
  body: JSON.stringify({ message: "nothing left to say" }),
};

/** A server on 127.0.0.1 that lives until the test ends. */
export async function answer(
  script: Script,
): Promise<{ readonly url: string; readonly requests: SeenRequest[] }> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void seen(incoming).then((request) => {
      const index = requests.push(request) - 1;
      const reply = typeof script === "function" ? script(request) : (script[index] ?? outOfScript);
      if (reply.silent === true) return;
      const body = Buffer.from(reply.body ?? "");
      const length = String(body.length + (reply.cutOff === true ? 10 : 0));
      outgoing.writeHead(reply.status, { ...reply.headers, "content-length": length });
      if (reply.cutOff === true) outgoing.write(body, () => outgoing.destroy());
      else outgoing.end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export const apiKey = "recado-fixture-api-key";

/** A client of a server that follows `script`, and what the server was asked. */
export async function wahaThatSays(
  script: Script,
  options: Partial<WahaApiOptions> = {},
): Promise<{ readonly api: WahaApi; readonly requests: SeenRequest[]; readonly url: string }> {
  const { url, requests } = await answer(script);
  const api = new WahaApi({
    baseUrl: url,
    apiKey,
    send: plainSend,
    timing: instantTiming(),
    ...options,
  });
  return { api, requests, url };
}
