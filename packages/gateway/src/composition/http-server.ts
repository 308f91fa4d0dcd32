import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { serverOptions, useErrorForm } from "../api/index.ts";
import type { Logger } from "../base/logger.ts";

/** Largest body of our own routes; webhooks have their own limit. */
const ownBodyLimit = 1_048_576;

/** The one HTTP server; everything is mounted on it. */
export function createHttpServer(requestTimeoutMs: number, logger: Logger): FastifyInstance {
  const app = Fastify({
    ...serverOptions(logger),
    // Requests are not logged one by one: addresses of webhooks are credentials.
    logger: false,
    bodyLimit: ownBodyLimit,
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: Math.min(requestTimeoutMs, 30_000),
      connectionsCheckingInterval: 1_000,
      // Sockets are the only upgrade here. Java's HTTP client asks to upgrade to HTTP/2 with every
      // request; unless that is ignored, Node keeps such a request from every route of ours.
      // A socket is asked for by GET: a webhook that brings such a header is a webhook all the same.
      shouldUpgradeCallback: ({ headers, method }) =>
        method === "GET" && headers.upgrade?.toLowerCase() === "websocket",
    },
    keepAliveTimeout: 75_000,
    forceCloseConnections: "idle",
  });
  // What a sender expects beside 100-continue is ignored, as the standard allows: Node's own answer, 417
  // without a body, would lose a webhook.
  app.server.on("checkExpectation", (request, response) => {
    app.server.emit("request", request, response);
  });
  useErrorForm(app, { language: "pt", logger });
  return app;
}

/** The port that is listened on; undefined before that. */
export function listeningPort(app: FastifyInstance): number | undefined {
  return (app.server.address() as AddressInfo | null)?.port;
}

const listenFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use; stop the other program, or choose another port (PORT)",
  EACCES: "this user may not use this port; choose one above 1023 (PORT)",
  EADDRNOTAVAIL: "this machine does not have that address (HOST)",
  ENOTFOUND: "the name of the host does not lead to an address (HOST)",
};

/** Starts to listen; what the system refuses is told in words for the operator. */
export async function listenOn(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ port, host });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const fault = listenFaults[code];
    if (fault === undefined) throw error;
    throw new Error(`Cannot listen on ${host}, port ${port}: ${fault}.`, { cause: error });
  }
}

/** How long requests under way may take to end once the server stops, in milliseconds. */
const drainMs = 5_000;

/**
 * Stops to listen and resolves when every connection is closed: at once where nobody is being served,
 * after the answer where somebody is, after {@link drainMs} where a sender does not come to an end.
 */
export async function stopListening(app: FastifyInstance): Promise<void> {
  const { server } = app;
  // A connection that was in the middle of a request would be kept for the next one and hold up the stop.
  server.keepAliveTimeout = 1;
  const giveUp = setTimeout(() => server.closeAllConnections(), drainMs);
  try {
    await app.close();
  } finally {
    clearTimeout(giveUp);
  }
}

/** An address under which this machine reaches the server. */
export function localUrl(app: FastifyInstance, host: string): string {
  const shown = { "0.0.0.0": "127.0.0.1", "::": "[::1]" }[host] ?? host;
  return `http://${shown}:${listeningPort(app)}`;
}
