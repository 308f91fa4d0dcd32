import { z } from "zod";
import { webhookFormats, webhookOrderings } from "../webhook.ts";
import { idParams, timeSchema, typePatternSchema } from "./fields.ts";
import { listOf, pageQuery } from "./list.ts";
import type { RouteContract } from "./route-contract.ts";

export const endpointSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string().optional(),
    /** Absent: every type that is meant for endpoints. */
    types: z.array(z.string()).optional(),
    /** Instance ids; absent: all. */
    instances: z.array(z.string()).optional(),
    format: z.enum(webhookFormats),
    ordering: z.enum(webhookOrderings),
    /** Values that look like secrets are masked. */
    headers: z.record(z.string(), z.string()),
    enabled: z.boolean(),
    allowPrivate: z.boolean(),
    createdAt: timeSchema,
  })
  .meta({ id: "Endpoint" });
export type EndpointResource = z.infer<typeof endpointSchema>;

/** At creation and rotation only. */
export const endpointWithSecretSchema = endpointSchema.extend({ secret: z.string() });

export const testOutcomeSchema = z.object({
  outcome: z.enum(["succeeded", "failed"]),
  startedAt: timeSchema,
  durationMs: z.number(),
  statusCode: z.number().int().optional(),
  /** Stable word, for example `timeout` or `blocked_address`. */
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  remoteAddress: z.string().optional(),
  timings: z
    .object({
      dnsMs: z.number().optional(),
      connectMs: z.number().optional(),
      firstByteMs: z.number().optional(),
    })
    .optional(),
  responseBody: z.string().optional(),
  responseTruncated: z.boolean().optional(),
});
export type TestOutcome = z.infer<typeof testOutcomeSchema>;

const url = z.string().min(1).max(4_096);
const description = z.string().max(500);
const types = z.array(typePatternSchema).min(1).max(100);
/** Ids or names; stored as ids. */
const instances = z.array(z.string().min(1).max(4_000)).min(1).max(1_000);
const headers = z.record(z.string().min(1).max(200), z.string().max(4_096));
/** `whsec_` and the base64 of 24 to 64 bytes; absent: generated. */
const secret = z.string().max(200);

const shared = { tag: "endpoints" } as const;

export const endpointRoutes = {
  create: {
    ...shared,
    method: "POST",
    path: "/endpoints",
    permission: "write",
    summary: "Create a destination of outgoing webhooks; it receives what comes from now on",
    body: z.strictObject({
      url,
      description: description.optional(),
      types: types.optional(),
      instances: instances.optional(),
      format: z.enum(webhookFormats).default("recado"),
      ordering: z.enum(webhookOrderings).default("chat"),
      headers: headers.default({}),
      secret: secret.optional(),
      enabled: z.boolean().default(true),
      /** Lets the address be in a private network; the operator's key only. */
      allowPrivate: z.boolean().default(false),
    }),
    status: 201,
    response: endpointWithSecretSchema,
  },
  list: {
    ...shared,
    method: "GET",
    path: "/endpoints",
    permission: "read",
    summary: "List endpoints",
    query: pageQuery,
    status: 200,
    response: listOf(endpointSchema),
  },
  get: {
    ...shared,
    method: "GET",
    path: "/endpoints/:id",
    permission: "read",
    summary: "Read an endpoint",
    params: idParams,
    status: 200,
    response: endpointSchema,
  },
  update: {
    ...shared,
    method: "PATCH",
    path: "/endpoints/:id",
    permission: "write",
    summary: "Change an endpoint; null for types, instances or description removes it",
    params: idParams,
    body: z.strictObject({
      url: url.optional(),
      description: description.nullable().optional(),
      types: types.nullable().optional(),
      instances: instances.nullable().optional(),
      format: z.enum(webhookFormats).optional(),
      ordering: z.enum(webhookOrderings).optional(),
      headers: headers.optional(),
      enabled: z.boolean().optional(),
      allowPrivate: z.boolean().optional(),
    }),
    status: 200,
    response: endpointSchema,
  },
  remove: {
    ...shared,
    method: "DELETE",
    path: "/endpoints/:id",
    permission: "write",
    summary: "Delete an endpoint; what is still pending is cancelled",
    params: idParams,
    status: 204,
  },
  test: {
    ...shared,
    method: "POST",
    path: "/endpoints/:id/test",
    permission: "write",
    summary: "Send a signed test event now and answer how it went",
    params: idParams,
    status: 200,
    response: testOutcomeSchema,
  },
  rotateSecret: {
    ...shared,
    method: "POST",
    path: "/endpoints/:id/rotate-secret",
    permission: "write",
    summary: "Sign with a new secret; the old one stays valid beside it for a while",
    params: idParams,
    body: z.strictObject({
      secret: secret.optional(),
      /** 0 to 7 days; how long the old secret still signs as well. */
      graceSeconds: z.number().int().min(0).max(604_800).default(86_400),
    }),
    bodyOptional: true,
    status: 200,
    response: endpointWithSecretSchema,
  },
  revealSecret: {
    ...shared,
    method: "POST",
    path: "/endpoints/:id/reveal-secret",
    permission: "write",
    summary: "Show the current secret",
    params: idParams,
    status: 200,
    response: z.object({ id: z.string(), secret: z.string() }),
  },
  enable: {
    ...shared,
    method: "POST",
    path: "/endpoints/:id/enable",
    permission: "write",
    summary: "Deliver again, beginning with what was held",
    params: idParams,
    status: 200,
    response: endpointSchema,
  },
  disable: {
    ...shared,
    method: "POST",
    path: "/endpoints/:id/disable",
    permission: "write",
    summary: "Hold deliveries; nothing is lost",
    params: idParams,
    status: 200,
    response: endpointSchema,
  },
} as const satisfies Record<string, RouteContract>;
