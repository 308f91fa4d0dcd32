import { readdirSync, readFileSync } from "node:fs";
import type { ApiTiming } from "../../api/index.ts";
import {
  startAnsweringServer,
  type AnsweringServer,
  type PreparedAnswer,
} from "../../api/testing/answering-server.ts";
import { instantTiming } from "../../api/testing/instant-timing.ts";
import { plainSend } from "../../api/testing/plain-send.ts";
import { EvolutionApi, type EvolutionApiOptions } from "../api/index.ts";

/** Recorded calls of the management API, and a server that answers with them. */

export interface Recording {
  readonly label: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: { readonly status: number; readonly body: unknown };
}

const folder = new URL("../fixtures/http/", import.meta.url);

/** `name` is the file's, without its ending. */
export function recording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Recording;
}

/** The names of all recordings. */
export function recordingNames(): readonly string[] {
  return readdirSync(folder)
    .map((file) => file.replace(/\.json$/, ""))
    .toSorted();
}

/** A server of which nothing is known yet: it greets with a version, and has no other route. */
export async function startEvolution(version = "2.3.7"): Promise<AnsweringServer> {
  const server = await startAnsweringServer(({ method, path }) =>
    errorAnswer(404, "Not Found", [`Cannot ${method} ${path}`]),
  );
  const { body } = recording("root").response;
  server.on("GET", "/", { body: { ...(body as object), version } });
  return server;
}

/** The form of every error of this API. */
export function errorAnswer(status: number, error: string, message: unknown): PreparedAnswer {
  return { status, body: { status, error, response: { message } } };
}

/** Answers the recorded request with the recorded answer. */
export function replay(server: AnsweringServer, ...names: readonly string[]): void {
  for (const name of names) {
    const { request, response } = recording(name);
    server.on(request.method, request.path, response);
  }
}

export const globalKey = "GLOBAL-KEY-0001";

/** A client without pauses between its repeats. */
export function apiFor(
  server: AnsweringServer,
  options: Partial<EvolutionApiOptions> & { readonly timing?: ApiTiming } = {},
): EvolutionApi {
  return new EvolutionApi({
    baseUrl: server.url,
    apiKey: globalKey,
    send: plainSend,
    timing: instantTiming(),
    ...options,
  });
}
