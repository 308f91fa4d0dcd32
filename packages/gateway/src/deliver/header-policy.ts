/**
 * Which headers an endpoint may add to its webhooks.
 *
 * Refused is what would change where or how the request is read (host, framing, connection), what
 * describes our body, what receivers verify, and what says who we are.
 */
export type HeaderCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Of all names and values together. */
const maxBytes = 4_096;
const maxHeaders = 50;
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
/** Printable characters and tabs, as HTTP/1.1 sends them; no line end can hide here. */
const plainValue = /^[\t\x20-\x7e\x80-\xff]*$/;

const refusedNames: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "keep-alive",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "user-agent",
  "cookie",
]);
const refusedPrefixes: readonly string[] = ["content-", "webhook-", "proxy-"];

/** True when only we may set this header. */
export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return refusedNames.has(lower) || refusedPrefixes.some((prefix) => lower.startsWith(prefix));
}

/** Judges the headers that a caller wants on an endpoint. */
export function checkHeaders(headers: Readonly<Record<string, string>>): HeaderCheck {
  const entries = Object.entries(headers);
  if (entries.length > maxHeaders) return { ok: false, reason: `more than ${maxHeaders} headers` };
  const seen = new Set<string>();
  let bytes = 0;
  for (const [name, value] of entries) {
    if (!token.test(name)) return { ok: false, reason: `"${name}" is not a header name` };
    if (isReservedHeader(name)) return { ok: false, reason: `the header ${name} cannot be set` };
    if (seen.has(name.toLowerCase()))
      return { ok: false, reason: `the header ${name} is set twice` };
    if (!plainValue.test(value))
      return { ok: false, reason: `the header ${name} has characters that cannot be sent` };
    seen.add(name.toLowerCase());
    bytes += name.length + value.length;
  }
  return bytes > maxBytes
    ? { ok: false, reason: `the headers are longer than ${maxBytes} bytes` }
    : { ok: true };
}
