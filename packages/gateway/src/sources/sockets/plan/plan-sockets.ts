import type { Instance, ProviderServer, Tenant } from "../../../store/contract/index.ts";

/** What a tenant has, as far as sockets are concerned. */
export interface TenantContents {
  readonly tenant: Tenant;
  readonly servers: readonly ProviderServer[];
  readonly instances: readonly Instance[];
}

/** One connection that is wanted: a server and the instances that listen to it. */
export interface WantedConnection {
  readonly tenant: Tenant;
  readonly server: ProviderServer;
  /** By the provider's own name, NFC. What comes for another name is not ours to take. */
  readonly instances: ReadonlyMap<string, Instance>;
}

export interface SocketPlan {
  /** By the server's id. */
  readonly connections: ReadonlyMap<string, WantedConnection>;
  /** Instances that shall listen to a server that there is not. */
  readonly stranded: readonly Instance[];
}

export interface PlanRules {
  /** Whether this process is the one that connects to a server. */
  readonly owns: (serverId: string) => boolean;
  /** Instances whose webhook is still out: they go on listening until it is back. */
  readonly held: ReadonlySet<string>;
}

/** Which connections there shall be. Pure. */
export function planSockets(contents: readonly TenantContents[], rules: PlanRules): SocketPlan {
  const connections = new Map<string, WantedConnection>();
  const stranded: Instance[] = [];
  for (const { tenant, servers, instances } of contents) {
    if (!tenant.active) continue;
    const known = new Map(servers.map((server) => [server.id, server]));
    const listening = new Map<string, Map<string, Instance>>();
    for (const instance of instances.filter((one) => listens(one, rules))) {
      const server = known.get(instance.serverId ?? "");
      if (server === undefined || server.provider !== instance.provider) {
        stranded.push(instance);
        continue;
      }
      const byName = listening.get(server.id) ?? new Map<string, Instance>();
      const name = instance.providerName.normalize("NFC");
      // Two instances of one name are one number: the older one has it, as with webhooks.
      if (!byName.has(name)) byName.set(name, instance);
      listening.set(server.id, byName);
    }
    for (const [serverId, byName] of listening) {
      const server = known.get(serverId);
      if (server && rules.owns(serverId))
        connections.set(serverId, { tenant, server, instances: byName });
    }
  }
  return { connections, stranded };
}

function listens({ id, source = "webhook" }: Instance, { held }: PlanRules): boolean {
  return source !== "webhook" || held.has(id);
}

/** Changes when the connection has to be made anew. */
export function connectionKey({ provider, baseUrl, apiKey, allowPrivate }: ProviderServer): string {
  return JSON.stringify([provider, baseUrl, apiKey, allowPrivate ?? false]);
}
