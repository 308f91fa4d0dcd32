import type { Answer } from "./answer.ts";

/** One request as it arrived. */
export interface ReceivedRequest {
  /** From 0, in order of arrival. */
  readonly index: number;
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Lower-case names; repeated ones joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as on the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Unix milliseconds when the whole request was there. */
  readonly receivedAt: number;
  /** Other requests that were not answered yet when this one came. */
  readonly inFlight: number;
  readonly answer: Answer;
}
