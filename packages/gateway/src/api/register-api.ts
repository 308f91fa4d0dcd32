import type { FastifyInstance } from "fastify";
import { useErrorForm } from "./errors.ts";
import type { ApiOptions } from "./options.ts";

/**
 * Mounts Recado's own API under `/api/v1` and its reference page at `/api/docs`. Call it once, before
 * the server listens; the Fastify instance should have been made with {@link serverOptions}.
 */
export function registerApi(app: FastifyInstance, options: ApiOptions): void {
  app.register(
    (scope, _options, done) => {
      useErrorForm(scope, { language: "negotiated", logger: options.logger });
      done();
    },
    { prefix: "/api/v1" },
  );
}
