import { deliveryStatuses, statsRoutes, type DeliveryStatus, type Stats } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import type { Caller } from "../caller.ts";
import { visibleEndpoints } from "../endpoints/visible.ts";
import type { ApiOptions } from "../options.ts";
import { route } from "../route.ts";

type Counts = Record<DeliveryStatus, number>;

function sum(all: readonly Readonly<Counts>[]): Counts {
  const total = Object.fromEntries(deliveryStatuses.map((status) => [status, 0])) as Counts;
  for (const counts of all) for (const status of deliveryStatuses) total[status] += counts[status];
  return total;
}

const noDuplicates = { retry: 0, overlap: 0, redelivered: 0 } as const;

/** Numbers of the caller's tenant. */
export function serveStats(app: FastifyInstance, options: ApiOptions): void {
  const { store, clock } = options;

  async function deliveryCounts(caller: Caller): Promise<Counts> {
    if (!caller.instanceIds) return sum([await store.deliveries.counts(caller.scope)]);
    const endpoints = await visibleEndpoints(store.directory, caller);
    return sum(
      await Promise.all(endpoints.map(({ id }) => store.deliveries.counts(caller.scope, id))),
    );
  }

  async function wholeTenant(caller: Caller): Promise<Pick<Stats, "events" | "duplicates">> {
    if (caller.instanceIds) return {};
    const { head, floor } = await store.log.bounds(caller.scope);
    const keptBytes = await store.log.keptBytes(caller.scope);
    return {
      events: {
        head,
        floor,
        stored: Math.max(0, head - floor + 1),
        ...(keptBytes === undefined ? {} : { keptBytes }),
      },
      duplicates: { ...(await store.log.duplicates(caller.scope)) },
    };
  }

  route(app, statsRoutes.get, async ({ caller }) => {
    const last = await store.log.lastEvents(caller.scope);
    const duplicates = await store.log.duplicatesByInstance(caller.scope);
    const { principal } = caller;
    const operator = principal.role === "SUPERADMIN" && principal.instances === undefined;
    return {
      tenantId: caller.scope.tenantId,
      version: options.version,
      startedAt: new Date(options.startedAt).toISOString(),
      uptimeSeconds: Math.max(0, Math.floor((clock.now() - options.startedAt) / 1_000)),
      ...(await wholeTenant(caller)),
      deliveries: await deliveryCounts(caller),
      instances: last
        .filter(({ instanceId }) => caller.instanceIds?.has(instanceId) !== false)
        .map(({ instanceId, receivedAt, count }) => ({
          id: instanceId,
          lastEventAt: new Date(receivedAt).toISOString(),
          events: count,
          duplicates: { ...(duplicates.get(instanceId) ?? noDuplicates) },
          ...options.notStored(instanceId),
        })),
      ...(operator ? { process: { ...options.runtimeStats() } } : {}),
    };
  });
}
