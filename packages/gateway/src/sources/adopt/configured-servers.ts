import { z } from "zod";
import type { ProviderName } from "@recado/protocol";
import { RecadoError } from "../../base/recado-error.ts";
import type { ProviderServer, TenantScope } from "../../store/contract/index.ts";
import type { AdoptionOptions } from "./options.ts";

/** A server that the operator named in the settings. */
export interface ConfiguredServer {
  readonly provider: ProviderName;
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** Which server of the directory the settings mean: record kind, one per provider. */
const kind = "configured-server";
const schema = z.object({ serverId: z.string() });

/** Servers at one host that are counted up before that is an error. */
const maxNames = 20;

type Place = Pick<AdoptionOptions, "store" | "secretBox" | "clock" | "ids">;

/**
 * Makes or updates the server that the settings name. The same one for each start: who moves it to another
 * address or changes its key keeps its numbers. The operator vouches for the address.
 */
export async function ensureConfiguredServer(
  place: Place,
  scope: TenantScope,
  wanted: ConfiguredServer,
): Promise<ProviderServer> {
  const { store, secretBox } = place;
  const stored = await store.records.get(scope, kind, wanted.provider);
  const serverId = schema.safeParse(stored?.value).data?.serverId;
  const before = serverId === undefined ? undefined : await store.directory.server(scope, serverId);
  if (!before) {
    const made = await createNamed(place, scope, wanted);
    await store.records.put(scope, kind, wanted.provider, { serverId: made.id });
    return made;
  }
  const isSame =
    before.baseUrl === wanted.baseUrl &&
    before.allowPrivate === true &&
    secretBox.open(before.apiKey) === wanted.apiKey;
  if (isSame) return before;
  const updated = await store.directory.updateServer(scope, before.id, {
    baseUrl: wanted.baseUrl,
    apiKey: secretBox.seal(wanted.apiKey),
    allowPrivate: true,
  });
  return updated ?? before;
}

async function createNamed(
  { store, secretBox, clock, ids }: Place,
  scope: TenantScope,
  { provider, baseUrl, apiKey }: ConfiguredServer,
): Promise<ProviderServer> {
  const host = new URL(baseUrl).host.slice(0, 190);
  for (let attempt = 1; ; attempt++) {
    const server: ProviderServer = {
      id: ids.next("srv"),
      tenantId: scope.tenantId,
      name: attempt === 1 ? host : `${host} ${attempt}`,
      provider,
      baseUrl,
      apiKey: secretBox.seal(apiKey),
      ingestToken: ids.token(24),
      allowPrivate: true,
      createdAt: clock.now(),
    };
    try {
      await store.directory.createServer(scope, server);
      return server;
    } catch (error) {
      const isTaken = error instanceof RecadoError && error.code === "name_taken";
      if (!isTaken || attempt === maxNames) throw error;
    }
  }
}
