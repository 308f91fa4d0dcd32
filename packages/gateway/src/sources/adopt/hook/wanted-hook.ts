import type {
  Instance,
  ProviderServer,
  Store,
  TenantScope,
} from "../../../store/contract/index.ts";
import type { WantedHook } from "../../control/server-control.ts";
import { ingestTokenIn, isBelow, ownAddresses } from "../decide/own-address.ts";
import type { AdoptionOptions } from "../options.ts";
import type { AdoptionRecord } from "../records/adoption-record.ts";

/** Our webhook at a number, and what tells addresses of ours there. */
export interface OwnHook extends WantedHook {
  /** From now on, addresses with this token are ours. */
  claim(token: string): void;
  /** From now on media come inside the bodies. */
  bringMedia(): void;
}

/** Where the provider is to send an instance's webhooks. */
export function hookUrlOf(publicUrl: string, instance: Instance): string {
  return `${publicUrl}/in/${instance.ingestToken}`;
}

/**
 * The webhook that an instance should have. Ours are, beside it, the addresses that people paste by hand
 * (the tenant's, the server's) and the one that we have put there before.
 */
export async function ownHook(
  options: Pick<AdoptionOptions, "publicUrl"> & { readonly store: Pick<Store, "directory"> },
  about: {
    readonly scope: TenantScope;
    readonly server: ProviderServer;
    readonly instance: Instance;
    readonly secret: string;
    readonly record: AdoptionRecord | undefined;
  },
): Promise<OwnHook> {
  const { scope, server, instance, secret, record } = about;
  const tenant = await options.store.directory.tenant(scope.tenantId);
  const earlier = record?.hookUrl === undefined ? undefined : ingestTokenIn(record.hookUrl);
  const tokens = new Set([instance.ingestToken, server.ingestToken]);
  for (const token of [tenant?.ingestToken, earlier]) if (token !== undefined) tokens.add(token);
  let media = record?.media === true;
  return {
    url: hookUrlOf(options.publicUrl(), instance),
    secret,
    get media() {
      return media;
    },
    isOurs: ownAddresses(tokens),
    claim: (token) => void tokens.add(token),
    bringMedia: () => {
      media = true;
    },
  };
}

/** Whose an address is that looks like one of a gateway. */
export type AddressOwner = "us" | "other_tenant" | "somebody";

/**
 * Looks an address up that a number has now. One of ours that leads nowhere any more (its instance was
 * deleted) is ours; a token that nobody here has, at another host, is another gateway's.
 */
export async function ownerOf(
  store: Pick<Store, "directory">,
  scope: TenantScope,
  publicUrl: string,
  url: string,
): Promise<AddressOwner> {
  const token = ingestTokenIn(url);
  if (token === undefined) return "somebody";
  const target = await store.directory.ingestTarget(token);
  if (target) return target.tenant.id === scope.tenantId ? "us" : "other_tenant";
  return isBelow(publicUrl, url) ? "us" : "somebody";
}
