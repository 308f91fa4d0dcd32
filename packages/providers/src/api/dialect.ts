import type { ProviderName } from "@recado/protocol";
import type { ApiAnswer } from "./answer.ts";
import type { ApiErrorCode } from "./error-code.ts";

/** What an answer means. */
export interface Judgement {
  /** Absent: as the status says. */
  readonly code?: ApiErrorCode;
  /** The provider's own words, found in the body. */
  readonly message?: string;
  readonly advice?: string;
  readonly retryable?: boolean;
  /** A word for programs: `incomplete` for an answer that was cut off or is too long. */
  readonly reason?: string;
}

/** What tells one provider's API from another's. */
export interface ApiDialect {
  readonly provider: ProviderName;
  /** As people write it. */
  readonly title: string;
  /** Lower case. */
  readonly keyHeader: string;
  /** What stands in front of status and body in the documented sentence. */
  readonly documentedPrefix: string;
  /** Members of answers that hold keys: cut out of what an error shows. */
  readonly secretMembers: readonly string[];
  /** Ends of the path that belong to the server's pages, not to its API. */
  readonly pages: readonly string[];
  /**
   * What an answer says. For a success undefined, unless it holds a failure. Any status but 2xx is a
   * failure whatever this says. `call` is the method and the unfilled path.
   */
  judge(answer: ApiAnswer, call: string): Judgement | undefined;
}
