import type { FastifyInstance } from "fastify";
import type { ApiOptions } from "../options.ts";
import { serveEndpointActions } from "./actions.ts";
import { serveEndpointRecords } from "./records.ts";

/** Endpoints: destinations of outgoing webhooks of the caller's tenant. */
export function serveEndpoints(app: FastifyInstance, options: ApiOptions): void {
  serveEndpointRecords(app, options);
  serveEndpointActions(app, options);
}
