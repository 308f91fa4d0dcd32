import type { IncomingMessage } from "node:http";

/** Not by `URL.origin`: that is "null" for every app with a scheme of its own (`capacitor://…`). */
function sameOrigin(one: URL, other: URL): boolean {
  return one.protocol === other.protocol && one.host === other.host;
}

/**
 * May a page of this origin connect? CORS answers only for long-polling; a WebSocket handshake is
 * never stopped by it, so the same rule is asked for both. A client without `Origin` is no browser
 * and is judged by its token alone.
 */
export function isOriginAllowed(
  request: Pick<IncomingMessage, "headers">,
  allowed: "*" | readonly string[],
): boolean {
  const origin = request.headers.origin;
  if (allowed === "*" || origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.host === request.headers.host) return true;
  return allowed.some(
    (entry) => entry === "*" || (URL.canParse(entry) && sameOrigin(new URL(entry), page)),
  );
}
