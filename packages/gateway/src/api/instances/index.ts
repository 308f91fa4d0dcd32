import { instanceRoutes, maskedSecret, type InstanceResource } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type {
  Directory,
  Instance,
  InstanceChange,
  TenantScope,
} from "../../store/contract/index.ts";
import { requireWholeTenant, type Caller } from "../caller.ts";
import type { ApiOptions } from "../options.ts";
import { pageOf, storePage } from "../lists/page.ts";
import { definedOnly, shownIngestUrl } from "../present.ts";
import { route } from "../route.ts";
import { fieldIssue } from "../validation.ts";
import { visibleInstance } from "./visible-instance.ts";

function presentInstance(
  instance: Instance,
  publicUrl: string,
  { principal }: Caller,
  state: InstanceResource["state"],
): InstanceResource {
  return {
    id: instance.id,
    name: instance.name,
    providerName: instance.providerName,
    provider: instance.provider,
    ...(instance.serverId !== undefined ? { serverId: instance.serverId } : {}),
    ...(instance.webhookSecret !== undefined ? { webhookSecret: maskedSecret } : {}),
    source: instance.source ?? "webhook",
    ...(state !== undefined ? { state } : {}),
    ingestUrl: shownIngestUrl(publicUrl, instance.ingestToken, principal),
    createdAt: new Date(instance.createdAt).toISOString(),
  };
}

async function requireFittingServer(
  directory: Directory,
  scope: TenantScope,
  serverId: string | undefined,
  provider: string,
): Promise<void> {
  if (serverId === undefined) return;
  const server = await directory.server(scope, serverId);
  if (!server) throw fieldIssue(["serverId"], "unknown_server", serverId);
  if (server.provider !== provider) throw fieldIssue(["serverId"], "other_provider");
}

/** Instances (WhatsApp numbers) of the caller's tenant. A name works wherever an id does. */
export function serveInstances(app: FastifyInstance, options: ApiOptions): void {
  const { store, secretBox, clock, ids } = options;
  const { directory } = store;
  const present = (instance: Instance, caller: Caller): InstanceResource =>
    presentInstance(instance, options.publicUrl(), caller, options.watch.stateOf(instance.id));

  route(app, instanceRoutes.create, async ({ body, caller }) => {
    requireWholeTenant(caller);
    const { scope } = caller;
    await requireFittingServer(directory, scope, body.serverId, body.provider);
    const instance: Instance = {
      id: ids.next("ins"),
      tenantId: scope.tenantId,
      name: body.name,
      providerName: body.name,
      provider: body.provider,
      ...(body.serverId !== undefined ? { serverId: body.serverId } : {}),
      ...(body.webhookSecret !== undefined
        ? { webhookSecret: secretBox.seal(body.webhookSecret) }
        : {}),
      ingestToken: ids.token(24),
      createdAt: clock.now(),
    };
    await directory.createInstance(scope, instance);
    return present(instance, caller);
  });

  route(app, instanceRoutes.list, ({ query, caller }) =>
    pageOf(
      { list: "instances", tenantId: caller.scope.tenantId },
      query,
      (lastId, limit) => directory.instances(caller.scope, storePage(lastId, limit)),
      (instance) =>
        caller.instanceIds?.has(instance.id) === false ? undefined : present(instance, caller),
    ),
  );

  route(app, instanceRoutes.get, async ({ params, caller }) =>
    present(await visibleInstance(directory, caller, params.id), caller),
  );

  route(app, instanceRoutes.update, async ({ params, body, caller }) => {
    const instance = await visibleInstance(directory, caller, params.id);
    await requireFittingServer(directory, caller.scope, body.serverId, instance.provider);
    const needsServer = body.source !== undefined && body.source !== "webhook";
    if (needsServer && (body.serverId ?? instance.serverId) === undefined)
      throw fieldIssue(["source"], "server_needed");
    const { webhookSecret, ...rest } = body;
    const secret = webhookSecret === maskedSecret ? undefined : webhookSecret;
    const change: InstanceChange = {
      ...definedOnly(rest),
      ...(secret === null ? { webhookSecret: null } : {}),
    };
    const { scope } = caller;
    let updated = await directory.updateInstance(scope, instance.id, change);
    if (!updated) throw new RecadoError("not_found");
    if (typeof secret === "string")
      updated = await options.adoption.changeSecret(scope, instance.id, secret);
    options.instancesChanged?.();
    return present(updated, caller);
  });

  route(app, instanceRoutes.remove, async ({ params, caller }) => {
    const instance = await visibleInstance(directory, caller, params.id);
    await options.adoption.instanceGoing(caller.scope, instance);
    if (!(await directory.deleteInstance(caller.scope, instance.id)))
      throw new RecadoError("not_found");
    await options.adoption.instanceGone(caller.scope, instance);
    options.instancesChanged?.();
  });
}
