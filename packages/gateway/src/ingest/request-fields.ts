import type { IncomingHttpHeaders } from "node:http";

/** Header values as one text each; what a webhook needs of a request beside its body. */
export function plainHeaders(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  const plain: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    plain[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return plain;
}

const noBytes = new Uint8Array(0);

/** The body as the buffer parser left it; empty when there was none. */
export function bodyBytes(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : noBytes;
}

const maxPathLength = 200;

/** By-events path: what follows the address, without leading or trailing slashes. */
export function eventPath(rest: string | undefined): string | undefined {
  // Measured before it is searched: on thousands of slashes the search takes quadratic time.
  if (rest === undefined || rest.length > maxPathLength) return undefined;
  const path = rest.replace(/^\/+|\/+$/g, "");
  return path === "" ? undefined : path;
}
