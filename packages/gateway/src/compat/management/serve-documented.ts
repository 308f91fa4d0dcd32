import type { JsonObject } from "@recado/providers";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Permission } from "../../access/index.ts";
import type { Caller } from "../../api/caller.ts";
import type { Logger } from "../../base/logger.ts";
import { RecadoError } from "../../base/recado-error.ts";
import { Refusal } from "./refusal.ts";

export interface DocumentedCall {
  readonly caller: Caller;
  /** The name or id in the address; empty where it has none. */
  readonly name: string;
  readonly body: JsonObject;
}

export interface DocumentedRoute {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly permission: Extract<Permission, "read" | "write">;
  /** True where nothing of a tenant is touched: then none has to be named. */
  readonly ofNoTenant?: true;
  readonly handle: (call: DocumentedCall) => object | Promise<object>;
}

function callOf({ caller, params, body }: FastifyRequest, route: DocumentedRoute): DocumentedCall {
  if (!caller) throw new Error("a documented route was reached without a caller");
  const { name = "" } = params as { readonly name?: string };
  return { caller, name, body: route.method === "POST" ? ((body ?? {}) as JsonObject) : {} };
}

/** A SUPERADMIN's token without a tenant must say for whom it acts; the admin key acts for `default`. */
function requireTenant({ caller, headers }: FastifyRequest): void {
  const named = headers["x-tenant-id"];
  if (caller?.principal.tenantAssumed && (named === undefined || named === ""))
    throw new RecadoError("tenant_unidentified");
}

/** Serves a documented route. Refusals with a sentence of their own are answered here, all others by the error form. */
export function serveDocumented(
  app: FastifyInstance,
  logger: Logger,
  route: DocumentedRoute,
): void {
  const { method, url, permission } = route;
  app.route({
    method,
    url,
    config: { permission },
    async handler(request, reply: FastifyReply) {
      if (!route.ofNoTenant) requireTenant(request);
      reply.header("cache-control", "no-store");
      try {
        return await route.handle(callOf(request, route));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        logger.warn({ route: `${method} ${url}`, status: error.status }, "a provider refused");
        return reply.code(error.status).send(error.body);
      }
    },
  });
}

/** The body of these routes says nothing, whatever it is. */
export function ignoreBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, _bytes, done) => {
    done(null, undefined);
  });
}
