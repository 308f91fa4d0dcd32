import { STATUS_CODES } from "node:http";
import type { ApiAnswer } from "./answer.ts";
import { nameOfCall, type ApiCall } from "./call.ts";
import type { ApiDialect, Judgement } from "./dialect.ts";
import { codeOfStatus } from "./error-code.ts";
import { ProviderApiError, type ProviderApiErrorFacts } from "./provider-api-error.ts";
import { redact, shorten } from "./redact.ts";
import { retryAfterMsOf } from "./sending/retry-policy.ts";

const maxBodyText = 2_000;
const maxMessage = 500;

type Facts = Omit<ProviderApiErrorFacts, "provider" | "title" | "call" | "documentedPrefix">;

/** Makes the errors of one client, free of its keys. */
export interface Failures {
  of(call: ApiCall, facts: Facts): ProviderApiError;
  ofAnswer(call: ApiCall, answer: ApiAnswer, judgement: Judgement): ProviderApiError;
}

export function createFailures(dialect: ApiDialect, apiKey: string, now: () => number): Failures {
  function of(call: ApiCall, facts: Facts): ProviderApiError {
    const secrets = [apiKey, call.apiKey ?? "", ...(call.secrets ?? [])];
    const clean = (text: string, length: number) =>
      shorten(redact(text, secrets, dialect.secretMembers), length);
    const { bodyText, providerMessage, ...rest } = facts;
    return new ProviderApiError({
      ...rest,
      provider: dialect.provider,
      title: dialect.title,
      call: nameOfCall(call),
      documentedPrefix: dialect.documentedPrefix,
      ...(bodyText === undefined ? {} : { bodyText: clean(bodyText, maxBodyText) }),
      ...(providerMessage === undefined
        ? {}
        : { providerMessage: clean(providerMessage, maxMessage) }),
    });
  }

  function ofAnswer(call: ApiCall, answer: ApiAnswer, judgement: Judgement): ProviderApiError {
    const { status } = answer;
    const statusText = STATUS_CODES[status];
    const retryAfterMs = retryAfterMsOf(answer.headers["retry-after"], now());
    const message = judgement.message ?? plainMessage(answer);
    return of(call, {
      code: judgement.code ?? codeOfStatus(status) ?? "unexpected_answer",
      status,
      // A success that cannot be read may hold anything: keys of webhooks, messages, codes to scan.
      ...(status < 300 ? {} : { bodyText: answer.text }),
      ...(statusText === undefined ? {} : { statusText }),
      ...(message === undefined ? {} : { providerMessage: message }),
      ...(judgement.advice === undefined ? {} : { advice: judgement.advice }),
      ...(judgement.retryable === undefined ? {} : { retryable: judgement.retryable }),
      ...(judgement.reason === undefined ? {} : { reason: judgement.reason }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  return { of, ofAnswer };
}

/** What an answer without JSON says by itself. */
function plainMessage(answer: ApiAnswer): string | undefined {
  if (answer.status >= 300 && answer.status < 400) {
    const target = URL.parse(answer.headers["location"] ?? "");
    return target === null ? "the server redirects" : `the server redirects to ${target.origin}`;
  }
  if (answer.form === "html") return "the answer is a web page";
  if (answer.form !== "text") return undefined;
  return answer.status < 300 ? "the answer is not JSON" : answer.text;
}
