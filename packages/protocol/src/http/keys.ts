import { z } from "zod";
import { idParams, momentSchema, nameSchema, scopesSchema, timeSchema } from "./fields.ts";
import { listOf, pageQuery } from "./list.ts";
import type { RouteContract } from "./route-contract.ts";

export const keySchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    name: z.string(),
    /** Beginning of the key, to tell keys apart. */
    prefix: z.string(),
    scopes: z.array(z.string()),
    expiresAt: timeSchema.optional(),
    createdAt: timeSchema,
  })
  .meta({ id: "Key" });
export type KeyResource = z.infer<typeof keySchema>;

/** The only answer that has the key itself. */
export const createdKeySchema = keySchema.extend({ key: z.string() });

const shared = { tag: "keys" } as const;

export const keyRoutes = {
  create: {
    ...shared,
    method: "POST",
    path: "/tenants/:id/keys",
    permission: "admin_write",
    summary: "Create a key of a tenant; it is shown only now",
    params: idParams,
    body: z.strictObject({
      name: nameSchema,
      scopes: scopesSchema.default(["read", "write"]),
      expiresAt: momentSchema.optional(),
    }),
    status: 201,
    response: createdKeySchema,
  },
  list: {
    ...shared,
    method: "GET",
    path: "/tenants/:id/keys",
    permission: "admin_read",
    summary: "List a tenant's keys",
    params: idParams,
    query: pageQuery,
    status: 200,
    response: listOf(keySchema),
  },
  remove: {
    ...shared,
    method: "DELETE",
    path: "/tenants/:id/keys/:keyId",
    permission: "admin_write",
    summary: "Revoke a key",
    params: idParams.extend({ keyId: z.string().min(1) }),
    status: 204,
  },
} as const satisfies Record<string, RouteContract>;
