import { request as httpRequest } from "node:http";
import { SendFailure, type ApiResponse, type SendRequest } from "../request.ts";

/** A sender without guards, for servers on this machine: keeps the limits of time and size, nothing else. */
export const plainSend: SendRequest = (request) =>
  new Promise<ApiResponse>((resolve, reject) => {
    const limit = AbortSignal.timeout(request.timeoutMs);
    const signal = request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]);
    const fail = (error: Error & { readonly code?: string }) => {
      if (request.signal?.aborted === true) reject(error);
      else if (limit.aborted) reject(new SendFailure("timeout", "the time limit passed"));
      else reject(new SendFailure(error.code?.toLowerCase() ?? "unreachable", error.message));
    };
    const { method, headers } = request;
    const outgoing = httpRequest(request.url, { method, headers, signal }, (incoming) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = (truncated: boolean) => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: Buffer.concat(chunks),
          truncated,
        });
      };
      incoming.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= request.maxBytes) return;
        finish(true);
        outgoing.destroy();
      });
      incoming.once("end", () => finish(false));
      incoming.once("error", (error) => {
        if (limit.aborted) fail(error);
        else finish(true);
      });
    });
    outgoing.once("error", fail);
    outgoing.end(request.body);
  });
