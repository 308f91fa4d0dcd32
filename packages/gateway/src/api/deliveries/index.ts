import { deliveryRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type { Delivery } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import { seesEndpoint } from "../endpoints/visible.ts";
import type { ApiOptions } from "../options.ts";
import { pageOf } from "../lists/page.ts";
import { definedOnly } from "../present.ts";
import { route } from "../route.ts";
import { presentAttempt, presentDelivery } from "./present.ts";

/** Deliveries of the caller's tenant: what went where, how often it was tried, and once more. */
export function serveDeliveries(app: FastifyInstance, options: ApiOptions): void {
  const { store, deliverer, clock } = options;

  /** A limited credential sees a delivery when it sees both its endpoint and its event. */
  async function sees(caller: Caller, delivery: Delivery): Promise<boolean> {
    const own = caller.instanceIds;
    if (!own) return true;
    const endpoint = await store.directory.endpoint(caller.scope, delivery.endpointId);
    if (!endpoint || !seesEndpoint(caller, endpoint)) return false;
    const event = await store.log.byId(caller.scope, delivery.eventId);
    return event?.instanceId !== undefined && own.has(event.instanceId);
  }

  async function visible(caller: Caller, id: string): Promise<Delivery> {
    const delivery = await store.deliveries.byId(caller.scope, id);
    if (!delivery || !(await sees(caller, delivery))) throw new RecadoError("not_found");
    return delivery;
  }

  route(app, deliveryRoutes.list, ({ query, caller }) => {
    const filter = definedOnly({
      endpointId: query.endpoint,
      status: query.status,
      eventId: query.event,
    });
    return pageOf(
      { list: "deliveries", tenantId: caller.scope.tenantId },
      query,
      (lastId, limit) =>
        store.deliveries.list(caller.scope, {
          ...filter,
          limit,
          ...(lastId !== undefined ? { beforeId: lastId } : {}),
        }),
      async (delivery) => ((await sees(caller, delivery)) ? presentDelivery(delivery) : undefined),
    );
  });

  route(app, deliveryRoutes.attempts, async ({ params, caller }) => {
    const delivery = await visible(caller, params.id);
    const attempts = await store.deliveries.attempts(caller.scope, delivery.id);
    return { data: attempts.map(presentAttempt) };
  });

  route(app, deliveryRoutes.resend, async ({ params, caller }) => {
    const delivery = await visible(caller, params.id);
    // Nobody would ever send it: a delivery without its endpoint must not become pending again.
    if (!(await store.directory.endpoint(caller.scope, delivery.endpointId)))
      throw new RecadoError("not_found", ["endpoint"]);
    const found = await store.deliveries.resend(caller.scope, delivery.id, clock.now());
    const again = found ? await store.deliveries.byId(caller.scope, delivery.id) : undefined;
    if (!again) throw new RecadoError("not_found");
    deliverer.wake(delivery.endpointId);
    return presentDelivery(again);
  });
}
