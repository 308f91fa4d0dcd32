import { endpointRoutes, type Parsed } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type { Endpoint, EndpointChange } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import { instanceIdsOf } from "../instances/find-instance.ts";
import type { ApiOptions } from "../options.ts";
import { pageOf, storePage } from "../lists/page.ts";
import { definedOnly } from "../present.ts";
import { route } from "../route.ts";
import { requireUsableUrl } from "../usable-url.ts";
import {
  requireOperatorFor,
  requireOwnInstances,
  requireUsableHeaders,
  usableSecret,
} from "./checks.ts";
import { unmaskHeaders } from "./header-mask.ts";
import { presentEndpoint } from "./present.ts";
import { seesEndpoint, visibleEndpoint } from "./visible.ts";

type Created = Parsed<typeof endpointRoutes.create, "body">;
type Changed = Parsed<typeof endpointRoutes.update, "body">;

/** Endpoints as records: make, list, read, change, delete. */
export function serveEndpointRecords(app: FastifyInstance, options: ApiOptions): void {
  const { store, deliverer, secretBox, clock, ids, outbound } = options;
  const { directory } = store;

  async function newEndpoint(
    body: Created,
    caller: Caller,
  ): Promise<{ readonly endpoint: Endpoint; readonly secret: string }> {
    requireOperatorFor(body.allowPrivate, caller);
    requireOwnInstances(caller, body.instances);
    await requireUsableUrl(outbound, body.url, body.allowPrivate);
    requireUsableHeaders(body.headers);
    const secret = usableSecret(body.secret);
    const { secret: _given, types, ...rest } = body;
    const endpoint: Endpoint = {
      ...definedOnly(rest),
      id: ids.next("end"),
      tenantId: caller.scope.tenantId,
      ...(types ? { types: [...new Set(types)] } : {}),
      ...(body.instances
        ? { instances: await instanceIdsOf(directory, caller, body.instances) }
        : {}),
      secrets: [{ value: secretBox.seal(secret) }],
      createdAt: clock.now(),
    };
    return { endpoint, secret };
  }

  /** What a change means for the address and for who vouches for it. */
  async function checkedAddress(
    endpoint: Endpoint,
    body: Changed,
    caller: Caller,
  ): Promise<Pick<EndpointChange, "url" | "allowPrivate">> {
    requireOperatorFor(body.allowPrivate, caller);
    const moves = body.url !== undefined && body.url !== endpoint.url;
    const isOperator = caller.principal.kind === "admin_key";
    // The operator opened the private network for the address that was there, not for the next one.
    const keeps = body.allowPrivate ?? (endpoint.allowPrivate && (isOperator || !moves));
    if (moves || keeps !== endpoint.allowPrivate)
      await requireUsableUrl(outbound, body.url ?? endpoint.url, keeps);
    return { allowPrivate: keeps, ...(body.url !== undefined ? { url: body.url } : {}) };
  }

  async function changeOf(
    endpoint: Endpoint,
    body: Changed,
    caller: Caller,
  ): Promise<EndpointChange> {
    if (body.instances !== undefined) requireOwnInstances(caller, body.instances);
    const headers = body.headers && unmaskHeaders(body.headers, endpoint.headers);
    if (headers) requireUsableHeaders(headers);
    const { types, instances } = body;
    return {
      ...definedOnly({
        description: body.description,
        format: body.format,
        ordering: body.ordering,
        enabled: body.enabled,
        headers,
      }),
      ...(await checkedAddress(endpoint, body, caller)),
      ...(types !== undefined ? { types: types && [...new Set(types)] } : {}),
      ...(instances !== undefined
        ? { instances: instances && (await instanceIdsOf(directory, caller, instances)) }
        : {}),
    };
  }

  route(app, endpointRoutes.create, async ({ body, caller }) => {
    const { endpoint, secret } = await newEndpoint(body, caller);
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
    const change = await changeOf(endpoint, body, caller);
    const updated = await directory.updateEndpoint(caller.scope, endpoint.id, change);
    if (!updated) throw new RecadoError("not_found");
    deliverer.wake(endpoint.id);
    return presentEndpoint(updated);
  });

  route(app, endpointRoutes.remove, async ({ params, caller }) => {
    const endpoint = await visibleEndpoint(directory, caller, params.id);
    if (!(await directory.deleteEndpoint(caller.scope, endpoint.id)))
      throw new RecadoError("not_found");
    // After the record: the planner that is just at work finds its cursor gone and plans nothing.
    await store.deliveries.cancelEndpoint(caller.scope, endpoint.id, clock.now());
    deliverer.wake(endpoint.id);
  });
}
