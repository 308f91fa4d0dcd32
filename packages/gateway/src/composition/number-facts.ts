import { z } from "zod";
import type { ApiOptions } from "../api/options.ts";
import { socketHealthOf, type NumberWatch, type ProviderSockets } from "../sources/index.ts";
import type { Records, TenantScope } from "../store/contract/index.ts";

/** What the record of an instance's webhook at its provider says, as far as others may know it. */
const adoptionFacts = z.object({
  state: z.string(),
  // Settings alone: an address among the values would hold the instance's token.
  differences: z.array(z.object({ setting: z.string() })).catch([]),
  checkedAt: z.number().optional().catch(undefined),
  others: z.number().optional().catch(undefined),
});

type AdoptionFacts = z.output<typeof adoptionFacts>;

async function factsOf(
  records: Records,
  scope: TenantScope,
  instanceId: string,
): Promise<AdoptionFacts | undefined> {
  const record = await records.get(scope, "adoption", instanceId);
  return adoptionFacts.safeParse(record?.value).data;
}

/** Whether our webhook stands at the provider as it should, when it was looked at last; undefined: not known. */
export async function hookInPlace(
  records: Records,
  scope: TenantScope,
  instanceId: string,
): Promise<boolean | undefined> {
  const facts = await factsOf(records, scope, instanceId);
  if (!facts || facts.state === "pending") return undefined;
  return facts.state === "adopted";
}

/** What the API asks about numbers, put together from those who know it. */
export function numberFacts(
  watch: NumberWatch,
  records: Records,
  sockets: Pick<ProviderSockets, "statuses">,
): ApiOptions["watch"] {
  return {
    health: (scope, id) => watch.health(scope, id),
    stateOf: (id) => watch.stateOf(id),
    reconcile: (scope, id, since) => watch.reconcile(scope, id, since),
    async more(scope, id) {
      const connected = socketHealthOf(sockets.statuses(scope.tenantId), id);
      const socket = connected === undefined ? {} : { socket: connected };
      const facts = await factsOf(records, scope, id);
      if (!facts) return socket;
      const { differences, checkedAt, ...rest } = facts;
      const webhook = {
        ...rest,
        differences: differences.map(({ setting }) => setting),
        ...(checkedAt === undefined ? {} : { checkedAt: new Date(checkedAt).toISOString() }),
      };
      return { webhook, ...socket };
    },
  };
}
