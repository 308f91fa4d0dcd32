import type { ProviderName } from "@recado/protocol";
import { ProviderApiError, type ApiErrorCode } from "@recado/providers";
import { lineRefusals } from "./pacing/call-line.ts";
import type { ServerStanding } from "./pacing/standing.ts";

interface Names {
  readonly title: string;
  readonly documentedPrefix: string;
}

const names: Readonly<Record<ProviderName, Names>> = {
  evolution: { title: "Evolution API", documentedPrefix: "Evolution API Error" },
  waha: { title: "WAHA", documentedPrefix: "WAHA API error" },
};

/** An error of this side about a call that was not made, in the form of the clients' own. */
export function callProblem(
  provider: ProviderName,
  facts: {
    readonly code: ApiErrorCode;
    readonly call: string;
    readonly message: string;
    readonly advice?: string;
    readonly reason?: string;
    readonly retryAfterMs?: number;
  },
): ProviderApiError {
  const { message, ...rest } = facts;
  return new ProviderApiError({ provider, ...names[provider], ...rest, providerMessage: message });
}

const busyAdvice =
  "This gateway has more calls for the server than it may make at once; try again in a minute.";

/** The client's error, said better where it was this side that refused the call. */
export function explained(
  error: unknown,
  provider: ProviderName,
  standing: ServerStanding,
): unknown {
  if (!(error instanceof ProviderApiError) || error.reason === undefined) return error;
  const { call, reason, providerMessage: message = reason } = error;
  switch (reason) {
    case lineRefusals.full:
    case lineRefusals.late:
      return callProblem(provider, {
        code: "rate_limited",
        call,
        message,
        reason,
        advice: busyAdvice,
      });
    case lineRefusals.down: {
      const { nextTryInMs } = standing;
      const retry = nextTryInMs === undefined ? {} : { retryAfterMs: Math.ceil(nextTryInMs) };
      return callProblem(provider, { code: "unreachable", call, message, reason, ...retry });
    }
    default:
      return error;
  }
}
