import { SendFailure, type ApiResponse, type SendRequest } from "@recado/providers";
import type { Outbound, OutboundOutcome } from "../../outbound/index.ts";

/** Calls of the management clients through the guarded client. `allowPrivate` opens private networks. */
export function sendThroughOutbound(
  outbound: Pick<Outbound, "request">,
  allowPrivate: boolean,
): SendRequest {
  return async ({ method, url, headers, body, timeoutMs, maxBytes, signal }) => {
    const request = outbound.request({
      method,
      url,
      headers,
      body: Buffer.from(body ?? ""),
      timeoutMs,
      maxResponseBytes: maxBytes,
      allowPrivate,
    });
    return responseOf(await orAborted(request, signal));
  };
}

function responseOf(outcome: OutboundOutcome): ApiResponse {
  if (outcome.kind === "failed") throw new SendFailure(outcome.errorCode, outcome.errorMessage);
  const headers = Object.entries(outcome.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), [value].flat().join(", ")] as const],
  );
  return {
    status: outcome.statusCode,
    headers: Object.fromEntries(headers),
    body: outcome.body,
    ...(outcome.truncated || outcome.bodyErrorCode !== undefined ? { truncated: true } : {}),
  };
}

/** The request itself goes on until its time limit: only its answer is not waited for. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
