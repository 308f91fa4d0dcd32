import type { Principal } from "./principal.ts";

/** What a route asks for. `admin…` routes are the operator's: they cross tenants. */
export const permissions = ["read", "write", "admin_read", "admin_write"] as const;
export type Permission = (typeof permissions)[number];

/**
 * Whether a principal may do something, before any particular thing is looked at. Pure.
 *
 * USER reads; ADMIN and TENANT_ADMIN also write, inside their tenant; SUPERADMIN also uses admin
 * routes. Scopes take away, never add: `write` does not include `read`. A principal that is limited to
 * some instances is never an operator, whatever its role.
 */
export function permits(principal: Principal, permission: Permission): boolean {
  const { role, scopes } = principal;
  const writes = permission === "write" || permission === "admin_write";
  const admin = permission === "admin_read" || permission === "admin_write";
  if (admin && (role !== "SUPERADMIN" || principal.instances !== undefined)) return false;
  if (writes && role === "USER") return false;
  return scopes === undefined || scopes.includes(writes ? "write" : "read");
}

/** Whether a principal may see an instance of its tenant: all of them, or those named by id or name. Pure. */
export function seesInstance(
  principal: Principal,
  instance: { readonly id: string; readonly name: string },
): boolean {
  const { instances } = principal;
  return (
    instances === undefined || instances.includes(instance.id) || instances.includes(instance.name)
  );
}
