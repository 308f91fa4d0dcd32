import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { SendFailure, type ApiResponse, type SendRequest } from "../../api/index.ts";

/** A sender without any guard, as somebody may write who uses a client alone. Plain http only. */
export const plainSender: SendRequest = (request) =>
  new Promise((resolve, reject) => {
    const sent = httpRequest(request.url, {
      method: request.method,
      headers: request.headers,
      agent: false,
      signal: AbortSignal.any([
        AbortSignal.timeout(request.timeoutMs),
        ...(request.signal === undefined ? [] : [request.signal]),
      ]),
    });
    sent.on("error", (error) => reject(failureOf(error)));
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const settle = (truncated: boolean): void => {
        const body = Buffer.concat(chunks).subarray(0, request.maxBytes);
        const headers = flat(response.headers);
        const answer: ApiResponse = { status: response.statusCode ?? 0, headers, body };
        resolve(truncated ? { ...answer, truncated } : answer);
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= request.maxBytes) return;
        settle(true);
        response.destroy();
      });
      response.on("end", () => settle(false));
      response.on("error", (error) => {
        if (error.name === "AbortError") reject(failureOf(error));
        else settle(true);
      });
    });
    sent.end(request.body);
  });

function failureOf(error: Error & { readonly code?: string }): Error {
  const timedOut = error.name === "AbortError" || error.name === "TimeoutError";
  return new SendFailure(timedOut ? "timeout" : (error.code ?? "unreachable"), error.message);
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(entries);
}
