import { z } from "zod";
import { providerNames } from "../event.ts";
import { idParams, maskSchema, nameSchema, secretTextSchema, timeSchema } from "./fields.ts";
import { listOf, pageQuery } from "./list.ts";
import type { RouteContract } from "./route-contract.ts";

export const serverSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.enum(providerNames),
    baseUrl: z.string(),
    apiKey: maskSchema,
    /** Where this provider server sends its webhooks. A credential: masked for who may only read. */
    ingestUrl: z.string(),
    createdAt: timeSchema,
  })
  .meta({ id: "Server" });
export type ServerResource = z.infer<typeof serverSchema>;

const urlField = z.string().min(1).max(4_096);
const shared = { tag: "servers" } as const;

export const serverRoutes = {
  create: {
    ...shared,
    method: "POST",
    path: "/servers",
    permission: "write",
    summary: "Register a provider server",
    body: z.strictObject({
      /** Absent: the host of `baseUrl`. */
      name: nameSchema.optional(),
      provider: z.enum(providerNames),
      baseUrl: urlField,
      apiKey: secretTextSchema,
    }),
    status: 201,
    response: serverSchema,
  },
  list: {
    ...shared,
    method: "GET",
    path: "/servers",
    permission: "read",
    summary: "List provider servers",
    query: pageQuery,
    status: 200,
    response: listOf(serverSchema),
  },
  get: {
    ...shared,
    method: "GET",
    path: "/servers/:id",
    permission: "read",
    summary: "Read a provider server",
    params: idParams,
    status: 200,
    response: serverSchema,
  },
  update: {
    ...shared,
    method: "PATCH",
    path: "/servers/:id",
    permission: "write",
    summary: "Change a provider server; a move to another host needs its key again",
    params: idParams,
    body: z.strictObject({
      name: nameSchema.optional(),
      baseUrl: urlField.optional(),
      apiKey: secretTextSchema.optional(),
    }),
    status: 200,
    response: serverSchema,
  },
  remove: {
    ...shared,
    method: "DELETE",
    path: "/servers/:id",
    permission: "write",
    summary: "Forget a provider server; its instances stay",
    params: idParams,
    status: 204,
  },
} as const satisfies Record<string, RouteContract>;
