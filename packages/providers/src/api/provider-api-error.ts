import type { ProviderName } from "@recado/protocol";
import { adviceFor, isRetryable, type ApiErrorCode } from "./error-code.ts";

/** Everything an error says. All texts are already free of keys; see `redact.ts`. */
export interface ProviderApiErrorFacts {
  readonly code: ApiErrorCode;
  readonly provider: ProviderName;
  /** The provider's name as people write it. */
  readonly title: string;
  /** Method and path with its places unfilled: `POST /webhook/set/:instance`. */
  readonly call: string;
  readonly status?: number;
  readonly statusText?: string;
  readonly bodyText?: string;
  readonly providerMessage?: string;
  readonly advice?: string;
  /** Default: what the code says. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  /** The network's word where no answer came; `incomplete` for a body that was cut off or too long. */
  readonly reason?: string;
  readonly documentedPrefix: string;
}

/**
 * A call that failed. Holds no key, no header and no filled-in path, so it may be logged, printed and
 * sent on as it is.
 */
export class ProviderApiError extends Error {
  override readonly name = "ProviderApiError";
  readonly code: ApiErrorCode;
  readonly provider: ProviderName;
  /** Method and path with its places unfilled: `POST /webhook/set/:instance`. */
  readonly call: string;
  /** Absent when no answer came. */
  readonly status: number | undefined;
  /** The status in HTTP's words, `Not Found`. */
  readonly statusText: string | undefined;
  /** The start of the answer's body, without keys; at most 2,000 characters. */
  readonly bodyText: string | undefined;
  /** The provider's own words; at most 500 characters. */
  readonly providerMessage: string | undefined;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** What to do, one English sentence. */
  readonly advice: string;
  /** How long the server asked to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;
  /**
   * The network's own word where no answer came: `connection_refused`, `tls_expired`. `incomplete` where
   * an answer was cut off, or is longer than the call may read.
   */
  readonly reason: string | undefined;
  /** The sentence that programs written for older clients look for. */
  readonly documentedMessage: string;

  constructor(facts: ProviderApiErrorFacts) {
    super(sentenceOf(facts));
    this.code = facts.code;
    this.provider = facts.provider;
    this.call = facts.call;
    this.status = facts.status;
    this.statusText = facts.statusText;
    this.bodyText = facts.bodyText;
    this.providerMessage = facts.providerMessage;
    this.retryable = facts.retryable ?? isRetryable(facts.code);
    this.advice = facts.advice ?? adviceFor(facts.code);
    this.retryAfterMs = facts.retryAfterMs;
    this.reason = facts.reason;
    this.documentedMessage = documentedMessageOf(facts);
  }

  /** The facts and the sentence, without the stack. */
  toJSON(): object {
    return { ...this, message: this.message };
  }
}

function sentenceOf(facts: ProviderApiErrorFacts): string {
  const { title, call, status, statusText = "", code } = facts;
  const start =
    status !== undefined
      ? `${title}: ${call} was answered with ${`${status} ${statusText}`.trim()} (${code})`
      : code === "unreachable" || code === "timeout"
        ? `${title}: ${call} got no answer (${facts.reason ?? code})`
        : `${title}: ${call} failed (${code})`;
  return facts.providerMessage === undefined ? start : `${start}: ${facts.providerMessage}`;
}

function documentedMessageOf(facts: ProviderApiErrorFacts): string {
  const { documentedPrefix: prefix, status, statusText } = facts;
  const words = facts.bodyText ?? facts.providerMessage ?? "";
  if (status === undefined)
    return `${prefix}: ${facts.providerMessage ?? facts.reason ?? facts.code}`;
  return `${prefix}: ${`${status} ${statusText ?? ""}`.trim()} - ${words}`;
}
