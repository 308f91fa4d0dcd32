import { RecadoError } from "../base/recado-error.ts";
import type { Directory, TenantScope } from "../store/contract/index.ts";
import type { Principal } from "./principal.ts";
import type { RequestHeaders } from "./request-credential.ts";

/**
 * Which tenant a request acts for.
 *
 * A SUPERADMIN may name any active tenant in `X-Tenant-Id`. Anybody else may at most repeat their own:
 * another one is refused with `forbidden` rather than ignored, since a caller who believes to act for
 * one tenant must not change another. Rejects with `tenant_inactive` for a tenant that is not there,
 * with the same answer whether it never existed or was switched off.
 */
export async function tenantScope(
  directory: Pick<Directory, "tenant">,
  principal: Principal,
  headers: RequestHeaders,
): Promise<TenantScope> {
  const named = headers["x-tenant-id"];
  if (Array.isArray(named))
    throw new RecadoError("forbidden", ["X-Tenant-Id was sent more than once"]);
  const wanted = typeof named === "string" && named !== "" ? named : principal.tenantId;
  if (wanted !== principal.tenantId && principal.role !== "SUPERADMIN") {
    throw new RecadoError("forbidden", ["X-Tenant-Id names another tenant"]);
  }
  // A key's or token's own tenant was checked with the credential; the admin key's was not.
  if (wanted !== principal.tenantId || principal.kind === "admin_key") {
    const tenant = await directory.tenant(wanted);
    if (!tenant?.active) throw new RecadoError("tenant_inactive");
  }
  return { tenantId: wanted };
}
