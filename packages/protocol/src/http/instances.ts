import { z } from "zod";
import { providerNames } from "../event.ts";
import { idParams, maskSchema, nameSchema, secretTextSchema, timeSchema } from "./fields.ts";
import { listOf, pageQuery } from "./list.ts";
import type { RouteContract } from "./route-contract.ts";

/**
 * Which ways an instance's events come on: the provider's webhook, its socket (a connection that we open,
 * for gateways that the provider cannot reach), or both, each event once all the same.
 */
export const instanceSources = ["webhook", "socket", "both"] as const;
export type InstanceSource = (typeof instanceSources)[number];

export const instanceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    /** The provider's own name. */
    providerName: z.string(),
    provider: z.enum(providerNames),
    serverId: z.string().optional(),
    webhookSecret: maskSchema.optional(),
    /** Which ways its events come on. */
    source: z.enum(instanceSources),
    /** How the number is connected; absent until anybody said it. The whole of it: its health. */
    state: z.enum(["open", "connecting", "close"]).optional(),
    /** Where the provider sends this instance's webhooks. A credential: masked for who may only read. */
    ingestUrl: z.string(),
    createdAt: timeSchema,
  })
  .meta({ id: "Instance" });
export type InstanceResource = z.infer<typeof instanceSchema>;

const shared = { tag: "instances" } as const;

export const instanceRoutes = {
  create: {
    ...shared,
    method: "POST",
    path: "/instances",
    permission: "write",
    summary: "Create an instance (a WhatsApp number)",
    body: z.strictObject({
      name: nameSchema,
      provider: z.enum(providerNames),
      serverId: z.string().min(1).optional(),
      /** Evolution's `jwt_key` or WAHA's HMAC key; webhooks must then be signed with it. */
      webhookSecret: secretTextSchema.optional(),
    }),
    status: 201,
    response: instanceSchema,
  },
  list: {
    ...shared,
    method: "GET",
    path: "/instances",
    permission: "read",
    summary: "List instances",
    query: pageQuery,
    status: 200,
    response: listOf(instanceSchema),
  },
  get: {
    ...shared,
    method: "GET",
    path: "/instances/:id",
    permission: "read",
    summary: "Read an instance by id or name",
    params: idParams,
    status: 200,
    response: instanceSchema,
  },
  update: {
    ...shared,
    method: "PATCH",
    path: "/instances/:id",
    permission: "write",
    summary: "Change an instance; webhookSecret null removes it",
    params: idParams,
    body: z.strictObject({
      name: nameSchema.optional(),
      providerName: nameSchema.optional(),
      serverId: z.string().min(1).optional(),
      webhookSecret: secretTextSchema.nullable().optional(),
      /** `socket` and `both` need a provider server. With `socket` our webhook is taken out once the socket is up. */
      source: z.enum(instanceSources).optional(),
    }),
    status: 200,
    response: instanceSchema,
  },
  remove: {
    ...shared,
    method: "DELETE",
    path: "/instances/:id",
    permission: "write",
    summary: "Delete an instance; its events stay",
    params: idParams,
    status: 204,
  },
} as const satisfies Record<string, RouteContract>;
