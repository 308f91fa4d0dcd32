import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";

export interface HealthRoutesOptions {
  /** Why the server cannot take webhooks now; undefined when it can. */
  notReady(): string | undefined;
  /** Metrics in Prometheus' text format, and its content type. */
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
  /** Rejects unless the credential is the operator's. */
  requireOperator(headers: IncomingHttpHeaders): Promise<void>;
  /** Unix milliseconds. */
  now(): number;
}

/**
 * `/health` (the process lives), `/ready` (it can store), `/metrics` (operator's key). The first two
 * answer anybody: they say nothing about tenants.
 */
export function healthRoutes(app: FastifyInstance, options: HealthRoutesOptions): void {
  const quiet = { logLevel: "silent" as const };
  const alive = (): { status: string; timestamp: string } => ({
    status: "OK",
    timestamp: new Date(options.now()).toISOString(),
  });
  app.get("/health", quiet, alive);
  app.get("/api/health", quiet, alive);
  app.get("/ready", quiet, (_request, reply) => {
    const reason = options.notReady();
    return reason === undefined
      ? { status: "ready" }
      : reply.code(503).send({ status: "not ready", reason });
  });
  app.get("/metrics", quiet, async (request, reply) => {
    await options.requireOperator(request.headers);
    const { text, contentType } = await options.metrics();
    return reply.header("content-type", contentType).send(text);
  });
}
