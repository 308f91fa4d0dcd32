import { z } from "zod";
import { idParams, nameSchema, timeSchema } from "./fields.ts";
import { listOf, pageQuery } from "./list.ts";
import type { RouteContract } from "./route-contract.ts";

const retentionDays = z.number().int().min(1).max(3_650);
const maxMegabytes = z.number().int().min(1).max(100_000_000);

export const tenantSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    active: z.boolean(),
    /** Where providers send webhooks of any of the tenant's instances. A credential. */
    ingestUrl: z.string(),
    /** Days that its events are kept; absent: RETENTION_DAYS. */
    retentionDays: retentionDays.optional(),
    /** MiB that its events may take, bodies included, before the oldest go; absent: RETENTION_MAX_MB. */
    maxMegabytes: maxMegabytes.optional(),
    createdAt: timeSchema,
  })
  .meta({ id: "Tenant" });
export type TenantResource = z.infer<typeof tenantSchema>;

/** Own ids let tokens of an existing system, which name its tenants, work unchanged. */
const ownId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/);

const shared = { tag: "tenants" } as const;

export const tenantRoutes = {
  create: {
    ...shared,
    method: "POST",
    path: "/tenants",
    permission: "admin_write",
    summary: "Create a tenant",
    body: z.strictObject({ name: nameSchema, id: ownId.optional() }),
    status: 201,
    response: tenantSchema,
  },
  list: {
    ...shared,
    method: "GET",
    path: "/tenants",
    permission: "admin_read",
    summary: "List tenants",
    query: pageQuery,
    status: 200,
    response: listOf(tenantSchema),
  },
  get: {
    ...shared,
    method: "GET",
    path: "/tenants/:id",
    permission: "admin_read",
    summary: "Read a tenant",
    params: idParams,
    status: 200,
    response: tenantSchema,
  },
  update: {
    ...shared,
    method: "PATCH",
    path: "/tenants/:id",
    permission: "admin_write",
    summary: "Rename a tenant, switch it off or on, say how much of its log is kept",
    params: idParams,
    body: z.strictObject({
      name: nameSchema.optional(),
      active: z.boolean().optional(),
      /** Null: as everybody. */
      retentionDays: retentionDays.nullable().optional(),
      maxMegabytes: maxMegabytes.nullable().optional(),
    }),
    status: 200,
    response: tenantSchema,
  },
  remove: {
    ...shared,
    method: "DELETE",
    path: "/tenants/:id",
    permission: "admin_write",
    summary: "Delete a tenant with everything it has, its log included",
    params: idParams,
    status: 204,
  },
} as const satisfies Record<string, RouteContract>;
