import { baseUrlOf } from "./address.ts";
import { readAnswer, type ApiAnswer } from "./answer.ts";
import { maxBytesOf, nameOfCall, type ApiCall } from "./call.ts";
import type { ApiDialect, Judgement } from "./dialect.ts";
import { codeOfStatus, type ApiErrorCode } from "./error-code.ts";
import {
  exchange,
  isCutOff,
  isHeaderText,
  systemTiming,
  type ExchangeOptions,
} from "./sending/exchange.ts";
import { createFailures, type Failures } from "./failures.ts";
import type { ProviderApiError } from "./provider-api-error.ts";
import type { ApiOptions, ApiResponse } from "./request.ts";

/**
 * Sends calls, repeats those that are safe to repeat, and turns every failure into a
 * {@link ProviderApiError}. Calls are independent; any number may run at once. An aborted call rejects
 * with its signal's reason instead.
 */
export interface ApiCaller {
  readonly baseUrl: string;
  /** For a call that names no limit of its own, milliseconds. */
  readonly timeoutMs: number;
  /** Unix milliseconds, of the injected clock. */
  now(): number;
  /** The answer of a success, parsed. */
  json(call: ApiCall): Promise<ApiAnswer>;
  /** The body of a success as it is, for files. */
  bytes(call: ApiCall): Promise<ApiResponse>;
  /** An error about `call`, for what a client finds itself; `message` is cleaned of keys. */
  failure(call: ApiCall, code: ApiErrorCode, message: string, answer?: ApiAnswer): ProviderApiError;
}

const defaultTimeoutMs = 15_000;

/** Throws a {@link ProviderApiError} with `invalid_request` for an address or a key that cannot be used. */
export function createCaller(options: ApiOptions, dialect: ApiDialect): ApiCaller {
  const { send, timing = systemTiming, timeoutMs = defaultTimeoutMs } = options;
  const apiKey = options.apiKey.trim();
  const failures = createFailures(dialect, apiKey, () => timing.now());
  const baseUrl = usableBase(options.baseUrl, dialect, apiKey, failures);
  const { keyHeader } = dialect;
  const line: ExchangeOptions = { baseUrl, apiKey, keyHeader, timeoutMs, send, timing, failures };

  return {
    baseUrl,
    timeoutMs,
    now: () => timing.now(),
    async json(call) {
      const response = await exchange(line, call);
      const answer = readAnswer(response);
      const problem = problemOf(dialect, call, response, answer) ?? bodyProblem(call, answer);
      if (problem !== undefined) throw failures.ofAnswer(call, answer, problem);
      return answer;
    },
    async bytes(call) {
      const response = await exchange(line, call);
      // A file is not read as a text; what is not a success is short.
      const isFile = codeOfStatus(response.status) === undefined;
      const answer = readAnswer(isFile ? { ...response, body: new Uint8Array() } : response);
      const problem = problemOf(dialect, call, response, answer);
      if (problem !== undefined) throw failures.ofAnswer(call, answer, problem);
      return response;
    },
    failure(call, code, message, answer) {
      return answer === undefined
        ? failures.of(call, { code, providerMessage: message })
        : failures.ofAnswer(call, answer, { code, message });
    },
  };
}

function usableBase(text: string, dialect: ApiDialect, apiKey: string, failures: Failures): string {
  const baseUrl = baseUrlOf(text, dialect.pages);
  if (baseUrl !== undefined && isHeaderText(apiKey)) return baseUrl;
  throw failures.of(
    { method: "GET", path: "/" },
    {
      code: "invalid_request",
      providerMessage:
        baseUrl === undefined
          ? "the server's address must be http or https, without a user name or password"
          : "the API key has characters that no header can carry",
    },
  );
}

/** What keeps an answer from being a whole success. */
function problemOf(
  dialect: ApiDialect,
  call: ApiCall,
  response: ApiResponse,
  answer: ApiAnswer,
): Judgement | undefined {
  const judgement = dialect.judge(answer, nameOfCall(call));
  if (codeOfStatus(answer.status) !== undefined) return judgement ?? {};
  const maxBytes = maxBytesOf(call);
  if (isCutOff(response, maxBytes)) {
    return { reason: "incomplete", message: "the answer was cut off", retryable: true };
  }
  if (response.truncated === true || response.body.length > maxBytes) {
    return { reason: "incomplete", message: "the answer is longer than this call may read" };
  }
  return judgement;
}

function bodyProblem(call: ApiCall, answer: ApiAnswer): Judgement | undefined {
  switch (answer.form) {
    case "json":
      return undefined;
    case "html":
      return { message: "the answer is a web page" };
    case "text":
      return { message: "the answer is not JSON" };
    case "empty":
      if (call.whenEmpty === "fine") return undefined;
      return {
        code: call.whenEmpty === "feature_off" ? "feature_off" : "unexpected_answer",
        message: "the answer is empty",
      };
  }
}
