import { connectionReasons } from "@recado/protocol";
import { z } from "zod";
import type { RecordValue } from "../../../store/contract/index.ts";
import { unknownConnection, type Connection } from "./connection.ts";
import { newlyWatched, type WatchedNumber } from "./watched-number.ts";

/** A number as it is stored. Each part is read by itself, so that one odd part costs only itself. */

const time = z.number().int().nonnegative();
const count = z.number().int().nonnegative();
const state = z.enum(["open", "connecting", "close"]);
const reason = z.enum(connectionReasons);
const person = z.object({
  jid: z.string(),
  lid: z.string().optional(),
  phone: z.string().optional(),
  name: z.string().optional(),
});

const connectionSchema = z.object({
  state: state.optional(),
  providerState: z.string().optional(),
  since: time,
  reason: reason.optional(),
  code: z.number().optional(),
  account: person.optional(),
  saidAt: z.number().optional(),
  history: z.array(
    z.object({
      from: time,
      state,
      changes: count,
      last: time.optional(),
      reason: reason.optional(),
      code: z.number().optional(),
    }),
  ),
  recent: z.array(time),
  storm: z.object({ since: time, changes: count, last: time }).optional(),
  codes: z.object({ since: time, count, last: time }).optional(),
  lost: z
    .object({ reason: z.enum(["logged_out", "banned"]), at: time, told: z.boolean() })
    .optional(),
  counts: z.object({ changes: count, repeats: count, stale: count, codes: count }),
});

const incidentSchema = z.object({
  kind: z.enum(["silent", "frozen"]),
  reason: z.string(),
  since: time,
  foundAt: time,
  evidence: z.record(z.string(), z.unknown()),
  until: time.optional(),
});

const zero = time.catch(0);
const trafficSchema = z.object({
  eventAt: zero,
  messageAt: zero,
  ackAt: zero,
  newestMessageAt: zero,
  hour: zero,
  activeMinutes: zero,
  minute: zero,
  hourBefore: zero,
  activeMinutesBefore: zero,
});

const recordSchema = z.object({
  connection: connectionSchema.optional().catch(undefined),
  traffic: trafficSchema.optional().catch(undefined),
  learntHour: zero,
  steadySince: time.optional().catch(undefined),
  probe: z
    .object({ at: time, answer: z.string(), providerState: z.string().optional() })
    .optional()
    .catch(undefined),
  gapFrom: time.optional().catch(undefined),
  comparedUntil: time.optional().catch(undefined),
  incident: incidentSchema.optional().catch(undefined),
  pastIncidents: z.array(incidentSchema).catch([]),
  restarts: z.array(z.object({ at: time, error: z.string().optional() })).catch([]),
  offset: zero,
});

/** Everything but the rhythm, which changes once an hour and has a record of its own. */
export function numberRecord(number: WatchedNumber): RecordValue {
  const { tenantId: _tenant, instanceId: _instance, rhythm: _rhythm, traffic, ...rest } = number;
  const { unanswered: _unanswered, ...lasting } = traffic;
  return { ...rest, traffic: lasting };
}

/** What a record says of a number; whatever cannot be read is as if it had never been known. */
export function numberFrom(tenantId: string, instanceId: string, value: unknown): WatchedNumber {
  const fresh = newlyWatched(tenantId, instanceId);
  const read = recordSchema.safeParse(value);
  if (!read.success) return fresh;
  const { connection, traffic, ...rest } = read.data;
  return {
    ...fresh,
    ...(rest as Partial<WatchedNumber>),
    connection: (connection as Connection | undefined) ?? unknownConnection,
    traffic: { ...fresh.traffic, ...traffic },
  };
}
