import { z } from "zod";
import { connectionReasons } from "../event-data.ts";
import { idParams, momentSchema, timeSchema } from "./fields.ts";
import type { RouteContract } from "./route-contract.ts";

const stateSchema = z.enum(["open", "connecting", "close"]);
const reasonSchema = z.enum(connectionReasons);
const count = z.number().int().nonnegative();

const runSchema = z.object({ since: timeSchema, count, last: timeSchema });

const incidentSchema = z.object({
  /** `silent`: nothing arrives; `frozen`: the provider itself stands still. */
  kind: z.enum(["silent", "frozen"]),
  /** `webhooks_lost`, `provider_does_not_answer`, `nothing_flows`, …, as in the event. */
  reason: z.string(),
  /** The last event before it. */
  since: timeSchema,
  foundAt: timeSchema,
  /** When the provider sent something again; absent while it lasts. */
  until: timeSchema.optional(),
  evidence: z.record(z.string(), z.unknown()),
});

/** A comparison of the log with the provider's own messages. */
export const reconcileSchema = z
  .object({
    trigger: z.enum([
      "started",
      "reconnected",
      "provider_restarted",
      "silent",
      "scheduled",
      "requested",
    ]),
    status: z.enum(["queued", "running", "done", "failed"]),
    /** The span of time whose messages are compared, by the provider's clock. */
    since: timeSchema,
    until: timeSchema,
    /** Everything up to here was compared. */
    reached: timeSchema,
    startedAt: timeSchema,
    finishedAt: timeSchema.optional(),
    /** What the provider had. */
    lookedAt: count,
    /** Events that were missing; they are in the log now, marked `recovered`. */
    added: count,
    /** What could not be read. */
    refused: count,
    /** False when the rest follows in another run. */
    complete: z.boolean(),
    /** Why it failed, a stable word: `unreachable`, `unauthorised`, `not_supported`, … */
    error: z.string().optional(),
  })
  .meta({ id: "Reconcile" });
export type ReconcileResource = z.infer<typeof reconcileSchema>;

export const instanceHealthSchema = z
  .object({
    instanceId: z.string(),
    name: z.string(),
    /** Absent until anybody said it. */
    state: stateSchema.optional(),
    /** The provider's own word. */
    providerState: z.string().optional(),
    /** When this state began. */
    since: timeSchema.optional(),
    reason: reasonSchema.optional(),
    /** The provider's own number, for example 401. */
    reasonCode: z.number().int().optional(),
    /** All of it for a person, in the language of `Accept-Language`. */
    sentence: z.string(),
    account: z
      .object({
        jid: z.string(),
        lid: z.string().optional(),
        phone: z.string().optional(),
        name: z.string().optional(),
      })
      .optional(),
    /** The pairing is gone until the number is connected again. */
    lost: z.object({ reason: z.enum(["logged_out", "banned"]), at: timeSchema }).optional(),
    /** What the state rests on. Only what the provider sent by itself counts. */
    evidence: z.object({
      lastEventAt: timeSchema.optional(),
      lastMessageAt: timeSchema.optional(),
      lastAckAt: timeSchema.optional(),
      /** What the provider answered when it was asked last: a state, or why there was no answer. */
      probe: z
        .object({ at: timeSchema, answer: z.string(), providerState: z.string().optional() })
        .optional(),
    }),
    /** The state changes again and again. */
    flapping: runSchema.optional(),
    /** One QR code follows the other faster than anybody could scan them. */
    codeLoop: runSchema.optional(),
    silence: z.object({
      /** Since the last event. */
      minutes: count.optional(),
      /** Minutes with traffic that are usual in that time, and in an hour like this one. */
      usualMinutes: z.number().nonnegative(),
      usualPerHour: z.number().nonnegative(),
      level: z.enum(["usual", "suspicious", "beyond_doubt"]),
    }),
    incident: incidentSchema.optional(),
    /** Newest first. */
    pastIncidents: z.array(incidentSchema),
    /** Automatic restarts of a frozen number, newest first. */
    restarts: z.array(z.object({ at: timeSchema, error: z.string().optional() })),
    /** Newest first; a storm of changes is one row that counts them. */
    history: z.array(
      z.object({
        from: timeSchema,
        state: stateSchema,
        changes: z.number().int().positive(),
        last: timeSchema.optional(),
        reason: reasonSchema.optional(),
        reasonCode: z.number().int().optional(),
      }),
    ),
    /** Messages from here on may be missing and are not compared yet. */
    gapFrom: timeSchema.optional(),
    reconcile: reconcileSchema.optional(),
    /** Repeats of the number's events that were recognised and not stored again, by cause. */
    duplicates: z.record(z.string(), count).optional(),
    /** Our webhook at the provider, as it was found last. */
    webhook: z.record(z.string(), z.unknown()).optional(),
    /** The connection to the provider's socket. */
    socket: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "InstanceHealth" });
export type InstanceHealthResource = z.infer<typeof instanceHealthSchema>;

const shared = { tag: "instances", params: idParams, status: 200 } as const;

export const instanceHealthRoutes = {
  health: {
    ...shared,
    method: "GET",
    path: "/instances/:id/health",
    permission: "read",
    summary: "How a number is, with the evidence: state, silence, incidents, last comparison",
    response: instanceHealthSchema,
  },
  reconcile: {
    ...shared,
    method: "POST",
    path: "/instances/:id/reconcile",
    permission: "write",
    summary: "Compare with the provider's messages and fetch what is missing; goes on by itself",
    body: z.strictObject({
      /** From when on; by default since the last moment that is known to be complete. At most 7 days back. */
      since: momentSchema.optional(),
    }),
    bodyOptional: true,
    response: reconcileSchema,
  },
} as const satisfies Record<string, RouteContract>;
