/**
 * Whose call it is. `person`: somebody waits for it, and it goes before the others. `background`: checks
 * and synchronising, which leave room and may wait longer.
 */
export type CallPriority = "person" | "background";

/** Whether a server answers, as its calls found it. */
export interface ServerStanding {
  /** False after three calls in a row without an answer. */
  readonly reachable: boolean;
  /** Calls in a row without an answer; 0 when the last one was answered or none was made yet. */
  readonly failures: number;
  /** Why the last of them had none, a stable word: `connection_refused`. */
  readonly reason?: string;
  /** Milliseconds until it is tried again in the background; absent while it is reachable. */
  readonly nextTryInMs?: number;
}
