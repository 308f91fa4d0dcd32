import { serverRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import type { ApiOptions } from "../options.ts";
import { route } from "../route.ts";
import { presentReach, presentReason, presentSync } from "./present.ts";
import { visibleServer } from "./visible.ts";

/** What can be done with a provider server beside changing its record. */
export function serveServerActions(app: FastifyInstance, options: ApiOptions): void {
  const { adoption, store } = options;
  const { directory } = store;

  route(app, serverRoutes.sync, async ({ params, body, caller }) => {
    const server = await visibleServer(directory, caller, params.id);
    const { scope } = caller;
    return presentSync(
      body.wait ? await adoption.sync(scope, server) : adoption.begin(scope, server),
    );
  });

  route(app, serverRoutes.release, async ({ params, caller }) => {
    const server = await visibleServer(directory, caller, params.id);
    const { released, failures } = await adoption.release(caller.scope, server);
    return {
      released,
      failures: failures.map(({ instance, reason }) => ({
        instance,
        reason: presentReason(reason),
      })),
    };
  });

  route(app, serverRoutes.test, async ({ params, caller }) => {
    const server = await visibleServer(directory, caller, params.id);
    return presentReach(await adoption.testServer(caller.scope, server));
  });
}
