import type { Clock } from "../base/clock.ts";
import type { Ids } from "../base/ids.ts";
import type { Store, Tenant } from "../store/contract/index.ts";

/** The admin key's own tenant: a single user never meets the word. */
const defaultTenantId = "default";

/** The default tenant, made at the first start. */
export async function ensureDefaultTenant(store: Store, clock: Clock, ids: Ids): Promise<Tenant> {
  const existing = await store.directory.tenant(defaultTenantId);
  if (existing) return existing;
  const tenant: Tenant = {
    id: defaultTenantId,
    name: "Default",
    active: true,
    ingestToken: ids.token(24),
    createdAt: clock.now(),
  };
  await store.directory.createTenant(tenant);
  return tenant;
}
