import type { ErrorCode, ProviderName } from "@recado/protocol";
import type { Caller } from "../../api/caller.ts";
import { findInstance } from "../../api/instances/find-instance.ts";
import { RecadoError } from "../../base/recado-error.ts";
import type {
  Directory,
  Instance,
  ProviderServer,
  TenantScope,
} from "../../store/contract/index.ts";

/** A number as the documented routes call it: an instance, and the server that it is on when one is known. */
export interface Session {
  readonly scope: TenantScope;
  readonly instance: Instance;
  readonly server: ProviderServer | undefined;
}

const notOfProvider: Readonly<Record<ProviderName, ErrorCode>> = {
  evolution: "session_not_evolution",
  waha: "session_not_waha",
};

function sees(caller: Caller, instance: Instance): boolean {
  return caller.instanceIds?.has(instance.id) !== false;
}

/** Servers of a tenant that are looked at; a tenant has a handful. */
const mostServers = 1_000;

/**
 * The server of an instance. One that was learnt from its webhooks names none: then it is the tenant's
 * only server of that provider, where there is just one.
 */
async function serverOf(
  directory: Directory,
  scope: TenantScope,
  instance: Instance,
): Promise<ProviderServer | undefined> {
  if (instance.serverId !== undefined) return directory.server(scope, instance.serverId);
  const servers = await directory.servers(scope, { limit: mostServers });
  const fitting = servers.filter(({ provider }) => provider === instance.provider);
  return fitting.length === 1 ? fitting[0] : undefined;
}

export async function sessionOf(
  directory: Directory,
  scope: TenantScope,
  instance: Instance,
): Promise<Session> {
  return { scope, instance, server: await serverOf(directory, scope, instance) };
}

/**
 * The session of a provider by the name in the address: our name, or else the provider's own, which
 * differs where two numbers of a tenant have one name. Throws `session_not_found`, also for what the
 * caller may not see, and `session_not_evolution` / `session_not_waha` when only the other provider has it.
 */
export async function findSession(
  directory: Directory,
  caller: Caller,
  provider: ProviderName,
  given: string,
): Promise<Session> {
  const { scope } = caller;
  const name = given.normalize("NFC");
  const named = await directory.instanceByName(scope, name);
  const others = await directory.instancesByProviderName(scope, name);
  const visible = [...(named ? [named] : []), ...others].filter((found) => sees(caller, found));
  const fitting = visible.filter((found) => found.provider === provider);
  const exact = fitting.find((found) => found.name === name);
  const distinct = new Map(fitting.map((found) => [found.id, found]));
  const instance = exact ?? (distinct.size === 1 ? fitting[0] : undefined);
  if (instance) return sessionOf(directory, scope, instance);
  const wrongProvider = visible.length > 0 && fitting.length === 0;
  throw new RecadoError(wrongProvider ? notOfProvider[provider] : "session_not_found");
}

const bareUuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The session of either provider by its id, the uuid in it, or its name. Throws `session_not_found`. */
export async function findAnySession(
  directory: Directory,
  caller: Caller,
  idOrName: string,
): Promise<Session> {
  const found =
    (await findInstance(directory, caller.scope, idOrName)) ??
    (bareUuid.test(idOrName)
      ? await directory.instance(caller.scope, `ins_${idOrName.toLowerCase()}`)
      : undefined);
  if (!found || !sees(caller, found)) throw new RecadoError("session_not_found");
  return sessionOf(directory, caller.scope, found);
}
