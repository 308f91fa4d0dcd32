/** What a backup or a restore is at. */
export type BackupStep =
  | "database"
  | "integrity"
  | "keys"
  | "media"
  | "verify"
  | "stage"
  | "publish"
  | "commit"
  | "move"
  | "remove";

export interface BackupProgress {
  readonly step: BackupStep;
  /** Bytes; absent where a step has no length that is known. */
  readonly done?: number;
  readonly total?: number;
}

/** Called at the begin of each step and now and then within it. What it throws ends the work. */
export type OnProgress = (progress: BackupProgress) => void;
