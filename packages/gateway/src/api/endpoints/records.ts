import { endpointRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import { pageOf, storePage } from "../lists/page.ts";
import type { ApiOptions } from "../options.ts";
import { route } from "../route.ts";
import { acceptedChange, acceptedEndpoint } from "./accepted.ts";
import { presentEndpoint } from "./present.ts";
import { seesEndpoint, visibleEndpoint } from "./visible.ts";

/** Endpoints as records: make, list, read, change, delete. */
export function serveEndpointRecords(app: FastifyInstance, options: ApiOptions): void {
  const { store, deliverer, clock } = options;
  const { directory } = store;

  route(app, endpointRoutes.create, async ({ body, caller }) => {
    const { endpoint, secret } = await acceptedEndpoint(options, body, caller);
    // Before the endpoint exists, so that it has a place in the log from its first moment.
    const { head } = await store.log.bounds(caller.scope);
    await store.deliveries.startAt(caller.scope, endpoint.id, head);
    await directory.createEndpoint(caller.scope, endpoint);
    deliverer.wake(endpoint.id);
    return { ...presentEndpoint(endpoint), secret };
  });

  route(app, endpointRoutes.list, ({ query, caller }) =>
    pageOf(
      { list: "endpoints", tenantId: caller.scope.tenantId },
      query,
      (lastId, limit) => directory.endpoints(caller.scope, storePage(lastId, limit)),
      (endpoint) => (seesEndpoint(caller, endpoint) ? presentEndpoint(endpoint) : undefined),
    ),
  );

  route(app, endpointRoutes.get, async ({ params, caller }) =>
    presentEndpoint(await visibleEndpoint(directory, caller, params.id)),
  );

  route(app, endpointRoutes.update, async ({ params, body, caller }) => {
    const endpoint = await visibleEndpoint(directory, caller, params.id);
    const change = await acceptedChange(options, endpoint, body, caller);
    const updated = await directory.updateEndpoint(caller.scope, endpoint.id, change);
    if (!updated) throw new RecadoError("not_found");
    deliverer.wake(endpoint.id);
    return presentEndpoint(updated);
  });

  route(app, endpointRoutes.remove, async ({ params, caller }) => {
    const endpoint = await visibleEndpoint(directory, caller, params.id);
    if (!(await directory.deleteEndpoint(caller.scope, endpoint.id))) {
      throw new RecadoError("not_found");
    }
    // After the record: the planner that is just at work finds its cursor gone and plans nothing.
    await store.deliveries.cancelEndpoint(caller.scope, endpoint.id, clock.now());
    deliverer.wake(endpoint.id);
  });
}
