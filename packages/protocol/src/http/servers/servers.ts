import { z } from "zod";
import { providerNames } from "../../event.ts";
import { reasonSchema, sentenceSchema } from "./reason.ts";
import { idParams, maskSchema, nameSchema, secretTextSchema, timeSchema } from "../fields.ts";
import { listOf, pageQuery } from "../list.ts";
import type { RouteContract } from "../route-contract.ts";

const count = z.number().int().nonnegative();

/** A synchronising: every number of the server gets our webhook. */
export const serverSyncSchema = z
  .object({
    state: z.enum(["running", "done", "failed"]),
    startedAt: timeSchema,
    finishedAt: timeSchema.optional(),
    /** Numbers of the server, and how many of them are dealt with. */
    total: count,
    done: count,
    /** Whose webhook was put in place now. */
    adopted: count,
    /** Whose webhook stood there already. */
    already: count,
    /** Left alone: given back by themselves, or without a webhook by choice. */
    skipped: count,
    failed: count,
    /** At most 50 of those that failed. */
    failures: z.array(z.object({ instance: z.string(), reason: reasonSchema })),
    /** Why it could not be done at all. */
    reason: reasonSchema.optional(),
  })
  .meta({ id: "ServerSync" });

export const serverSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.enum(providerNames),
    baseUrl: z.string(),
    apiKey: maskSchema,
    /** Where this provider server sends its webhooks. A credential: masked for who may only read. */
    ingestUrl: z.string(),
    /** Whether it answered when it was last asked; absent before that. */
    health: z
      .object({
        ok: z.boolean(),
        since: timeSchema,
        checkedAt: timeSchema,
        reason: reasonSchema.optional(),
      })
      .optional(),
    version: z.string().optional(),
    /** `2.3`, `NOWEB PLUS`, … */
    flavour: z.string().optional(),
    /** The newest synchronising. */
    sync: serverSyncSchema.optional(),
    /** True when it was given back: nothing of it is adopted by itself. */
    released: z.boolean(),
    createdAt: timeSchema,
  })
  .meta({ id: "Server" });

/** A server with what is known of its numbers. */
export const serverDetailSchema = serverSchema
  .extend({
    /** Numbers here that belong to it, by the state of their webhook. */
    instances: z.object({
      total: count,
      pending: count,
      adopted: count,
      drifted: count,
      failed: count,
      released: count,
      /** Of them, those that the server does not list any more. */
      vanished: count,
    }),
  })
  .meta({ id: "ServerDetail" });
export type ServerDetailResource = z.infer<typeof serverDetailSchema>;

/** Whether a provider's webhooks reach this gateway. */
export const reachSchema = z
  .object({
    /** `reaches`: a webhook has come; `fails`: none can; `unproven`: nothing speaks against it. */
    verdict: z.enum(["reaches", "fails", "unproven"]),
    publicUrl: z.string(),
    lastWebhook: z.object({ at: timeSchema, instance: z.string() }).optional(),
    /** Our own call to the address that the provider has. */
    selfCall: z.object({
      durationMs: z.number(),
      statusCode: z.number().int().optional(),
      /** Stable word, for example `name_not_found`. */
      problem: z.string().optional(),
    }),
    /** From us to the provider's server and back. */
    server: z.object({ durationMs: z.number(), reason: reasonSchema.optional() }),
    explanations: z.array(sentenceSchema.extend({ code: z.string() })),
  })
  .meta({ id: "Reach" });

export type ServerResource = z.infer<typeof serverSchema>;

const urlField = z.string().min(1).max(4_096);
const shared = { tag: "servers" } as const;

export const serverRoutes = {
  create: {
    ...shared,
    method: "POST",
    path: "/servers",
    permission: "write",
    summary: "Register a provider server; its numbers are adopted in the background",
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
    summary: "Read a provider server, with the state of its numbers",
    params: idParams,
    status: 200,
    response: serverDetailSchema,
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
    summary:
      "Forget a provider server; its instances stay, and so does what is set at the provider",
    params: idParams,
    status: 204,
  },
  sync: {
    ...shared,
    method: "POST",
    path: "/servers/:id/sync",
    permission: "write",
    summary:
      "Adopt the server's numbers; answers at once unless asked to wait, and joins one that runs",
    params: idParams,
    body: z.strictObject({
      /** True: answers when it is done. */
      wait: z.boolean().default(false),
    }),
    bodyOptional: true,
    status: 200,
    response: serverSyncSchema,
  },
  release: {
    ...shared,
    method: "POST",
    path: "/servers/:id/release",
    permission: "write",
    summary: "Give the server's numbers back: what was set there before is set again",
    params: idParams,
    status: 200,
    response: z.object({
      released: count,
      failures: z.array(z.object({ instance: z.string(), reason: reasonSchema })),
    }),
  },
  test: {
    ...shared,
    method: "POST",
    path: "/servers/:id/test",
    permission: "write",
    summary: "Tell whether the server's webhooks reach this gateway; changes nothing at it",
    params: idParams,
    status: 200,
    response: reachSchema,
  },
} as const satisfies Record<string, RouteContract>;
