import { setTimeout as pause } from "node:timers/promises";
import { fillPath, queryText } from "../address.ts";
import { maxBytesOf, type ApiCall } from "../call.ts";
import type { Failures } from "../failures.ts";
import { ProviderApiError } from "../provider-api-error.ts";
import type { ApiRequest, ApiResponse, ApiTiming, SendRequest } from "../request.ts";
import { isPassing, pauseAfter, retryAfterMsOf } from "./retry-policy.ts";
import { causeOf } from "./send-cause.ts";
import { unpackedAnswer } from "./unpacked-answer.ts";

/** The machine's own time and chance. */
export const systemTiming: ApiTiming = {
  now: () => Date.now(),
  wait: async (ms, signal) => {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
  },
  random: () => Math.random(),
};

export interface ExchangeOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly keyHeader: string;
  readonly timeoutMs: number;
  readonly send: SendRequest;
  readonly timing: ApiTiming;
  readonly failures: Failures;
}

/** Sends a call until it is answered, or may not be sent again. Rejects when no answer came. */
export async function exchange(options: ExchangeOptions, call: ApiCall): Promise<ApiResponse> {
  const { timing } = options;
  const request = requestOf(options, call);
  const repeatable = call.repeatable ?? call.method === "GET";
  for (let attempts = 1; ; attempts += 1) {
    call.signal?.throwIfAborted();
    const outcome = await attempt(options, call, request);
    const isError = outcome instanceof ProviderApiError;
    const mayPass = isError || isPassing(outcome.status) || isCutOff(outcome, request.maxBytes);
    const retryAfterMs = isError
      ? undefined
      : retryAfterMsOf(outcome.headers["retry-after"], timing.now());
    const pauseMs =
      repeatable && mayPass ? pauseAfter(attempts, timing.random(), retryAfterMs) : undefined;
    if (pauseMs === undefined) {
      if (isError) throw outcome;
      return outcome;
    }
    await timing.wait(pauseMs, call.signal);
  }
}

/** True for a body that ended early, and not because it is longer than may be read. */
export function isCutOff({ truncated, body }: ApiResponse, maxBytes: number): boolean {
  return truncated === true && body.length < maxBytes;
}

async function attempt(
  { send, failures }: ExchangeOptions,
  call: ApiCall,
  request: ApiRequest,
): Promise<ApiResponse | ProviderApiError> {
  try {
    return await unpackedAnswer(await send(request), request.maxBytes);
  } catch (error) {
    call.signal?.throwIfAborted();
    const { code, reason, message } = causeOf(error);
    return failures.of(call, {
      code,
      reason,
      ...(message === "" ? {} : { providerMessage: message }),
    });
  }
}

function requestOf(options: ExchangeOptions, call: ApiCall): ApiRequest {
  const path = fillPath(call.path, call.parts ?? {});
  const key = call.apiKey ?? options.apiKey;
  if (path === undefined || !isHeaderText(key)) {
    throw options.failures.of(call, {
      code: "invalid_request",
      providerMessage:
        path === undefined
          ? "this name or id cannot stand in an address (it is empty, `.`, `..` or half a character)"
          : "the key has characters that no header can carry",
    });
  }
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  return {
    method: call.method,
    url: `${options.baseUrl}${path}${queryText(call.query ?? {})}`,
    headers: {
      accept: "application/json",
      // Not every sender unpacks what comes compressed.
      "accept-encoding": "identity",
      ...(key === "" ? {} : { [options.keyHeader]: key }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
    timeoutMs: call.timeoutMs ?? options.timeoutMs,
    maxBytes: maxBytesOf(call),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  };
}

/** Printable ASCII: with anything else an HTTP client throws an error that quotes the value. */
export function isHeaderText(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
