import type {
  Directory,
  Instance,
  ProviderServer,
  Tenant,
  TenantScope,
} from "../../store/contract/index.ts";

/** A number together with the server that can be asked about it. */
export interface NumberAtServer {
  readonly tenant: Tenant;
  readonly instance: Instance;
  readonly server: ProviderServer;
}

/** Undefined when the number, its tenant or its server is gone, switched off, or there is no server at all. */
export async function numberAtServer(
  directory: Directory,
  scope: TenantScope,
  instanceId: string,
): Promise<NumberAtServer | undefined> {
  const instance = await directory.instance(scope, instanceId);
  if (instance?.serverId === undefined) return undefined;
  const [tenant, server] = await Promise.all([
    directory.tenant(scope.tenantId),
    directory.server(scope, instance.serverId),
  ]);
  return tenant?.active && server ? { tenant, instance, server } : undefined;
}
