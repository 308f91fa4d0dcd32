import type { TenantResource } from "@recado/protocol";
import type { Tenant } from "../../store/contract/index.ts";

export function presentTenant(tenant: Tenant, publicUrl: string): TenantResource {
  return {
    id: tenant.id,
    name: tenant.name,
    active: tenant.active,
    ingestUrl: `${publicUrl}/in/${tenant.ingestToken}`,
    ...(tenant.retentionDays === undefined ? {} : { retentionDays: tenant.retentionDays }),
    ...(tenant.maxMegabytes === undefined ? {} : { maxMegabytes: tenant.maxMegabytes }),
    createdAt: new Date(tenant.createdAt).toISOString(),
  };
}
