import { z } from "zod";
import type { RecordValue } from "../../../store/contract/index.ts";

/** Why a number's messages are compared with the provider's. */
export const reconcileTriggers = [
  "started",
  "reconnected",
  "provider_restarted",
  "silent",
  "scheduled",
  "requested",
] as const;
export type ReconcileTrigger = (typeof reconcileTriggers)[number];

/** One comparison, under way or over. Times are Unix milliseconds. */
export interface ReconcileReport {
  readonly trigger: ReconcileTrigger;
  readonly status: "queued" | "running" | "done" | "failed";
  /** The provider's messages of this span are compared. */
  readonly since: number;
  readonly until: number;
  /** Everything up to here was compared; a run that was cut short goes on from it. */
  readonly reached: number;
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** Bodies that the provider had. */
  readonly lookedAt: number;
  /** Events that were missing and are in the log now. */
  readonly added: number;
  /** Bodies that could not be taken. */
  readonly refused: number;
  /** False when the bound of a run ended it before `until`; the rest follows. */
  readonly complete: boolean;
  /** Why it failed: the provider's code, or ours. */
  readonly error?: string;
}

const time = z.number().int().nonnegative();
const schema = z.object({
  trigger: z.enum(reconcileTriggers),
  status: z.enum(["queued", "running", "done", "failed"]),
  since: time,
  until: time,
  reached: time,
  startedAt: time,
  finishedAt: time.optional(),
  lookedAt: time,
  added: time,
  refused: time,
  complete: z.boolean(),
  error: z.string().optional(),
});

/** Undefined for what is no report; it is then as if there had been none. */
export function reportFrom(value: unknown): ReconcileReport | undefined {
  const read = schema.safeParse(value);
  return read.success ? (read.data as ReconcileReport) : undefined;
}

export function reportRecord(report: ReconcileReport): RecordValue {
  return { ...report };
}
