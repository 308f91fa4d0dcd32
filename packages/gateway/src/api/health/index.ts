import { healthRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import type { ApiOptions } from "../options.ts";
import { route } from "../route.ts";

/** Whether the process lives; says nothing else, since anybody may ask. */
export function serveHealth(app: FastifyInstance, options: Pick<ApiOptions, "clock">): void {
  route(app, healthRoutes.get, () => ({
    status: "OK" as const,
    timestamp: new Date(options.clock.now()).toISOString(),
  }));
}
