import type { ErrorCode } from "@recado/protocol";
import type { DuplicateCause } from "../store/contract/index.ts";
import type { NotStored } from "./admission/index.ts";

/** What happened at the door since the start of the process. Nothing is refused without a count. */
export interface IngestCounters {
  readonly accepted: number;
  readonly events: number;
  readonly unrecognised: number;
  readonly duplicates: Readonly<Record<DuplicateCause, number>>;
  /** Webhooks that were accepted, counted and not stored. */
  readonly notStored: Readonly<NotStored>;
  readonly refused: Readonly<Partial<Record<ErrorCode, number>>>;
}

export interface MutableIngestCounters {
  accepted: number;
  events: number;
  unrecognised: number;
  duplicates: Record<DuplicateCause, number>;
  notStored: NotStored;
  refused: Partial<Record<ErrorCode, number>>;
}

export function newIngestCounters(): MutableIngestCounters {
  return {
    accepted: 0,
    events: 0,
    unrecognised: 0,
    duplicates: { retry: 0, overlap: 0, redelivered: 0 },
    notStored: { coalesced: 0, shed: 0 },
    refused: {},
  };
}
