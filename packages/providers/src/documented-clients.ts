import { SendFailure, type ApiOptions, type ApiResponse, type SendRequest } from "./api/index.ts";
import { EvolutionApi } from "./evolution/api/index.ts";
import { WahaApi } from "./waha/api/index.ts";

/**
 * The documented client objects: `evolutionApiService` and `wahaApiService` of older programs, over the
 * management clients. A program makes its own, since this one knows neither an environment nor HTTP.
 */
export interface DocumentedClientOptions extends Omit<ApiOptions, "send"> {
  /** The platform's `fetch`, or one like it; not called with redirects to follow. */
  readonly fetch: typeof globalThis.fetch;
}

/** `setWebhook`, `getWebhook`, `deleteWebhook`, `createInstanceWithWebhook`, and the rest of the API. */
export type EvolutionApiService = EvolutionApi;
/** `setWebhook`, `getWebhook`, `deleteWebhook`, and the rest of the API. */
export type WahaApiService = WahaApi;

/** Throws a `ProviderApiError` with `invalid_request` for an address or a key that cannot be used. */
export function createEvolutionApiService({
  fetch,
  ...options
}: DocumentedClientOptions): EvolutionApiService {
  return new EvolutionApi({ ...options, send: sendThroughFetch(fetch) });
}

/** Throws a `ProviderApiError` with `invalid_request` for an address or a key that cannot be used. */
export function createWahaApiService({
  fetch,
  ...options
}: DocumentedClientOptions): WahaApiService {
  return new WahaApi({ ...options, send: sendThroughFetch(fetch) });
}

/** A sender over `fetch`, with the limits of time and size. It guards against no address. */
export function sendThroughFetch(call: typeof globalThis.fetch): SendRequest {
  return async ({ method, url, headers, body, timeoutMs, maxBytes, signal }) => {
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await call(url, {
        method,
        headers,
        redirect: "manual",
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
        ...(body === undefined ? {} : { body }),
      });
      return await answerOf(response, maxBytes);
    } catch (error) {
      signal?.throwIfAborted();
      if (limit.aborted) throw new SendFailure("timeout", "the time limit passed");
      throw error;
    }
  };
}

async function answerOf(response: Response, maxBytes: number): Promise<ApiResponse> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let truncated = false;
  const stream: AsyncIterable<Uint8Array> = response.body ?? nothing();
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= maxBytes) continue;
    truncated = true;
    break;
  }
  const headers = Object.fromEntries(response.headers);
  // It was unpacked on the way.
  delete headers["content-encoding"];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  const body = whole.subarray(0, maxBytes);
  return { status: response.status, headers, body, ...(truncated ? { truncated } : {}) };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
