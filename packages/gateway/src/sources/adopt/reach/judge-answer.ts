import type { OutboundOutcome } from "../../../outbound/index.ts";

/** How a call of our own to our own public address ended. */
export type ReachProblem =
  | "name_not_found"
  | "refused"
  | "timeout"
  | "tls"
  | "not_http"
  | "redirect"
  | "web_page"
  | "other_gateway"
  | "proxy_refuses"
  | "proxy_fails"
  | "other_program"
  | "not_callable";

/**
 * What our door says to an empty body at an address that it knows: nothing is stored, and nothing else
 * would answer so. At an address that it does not know it says {@link unknownToken}.
 */
const doorsAnswer = "body_empty";
const unknownToken = "ingest_token_unknown";

function codeIn(body: Buffer): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    const { code } = (parsed ?? {}) as { readonly code?: unknown };
    return typeof code === "string" ? code : undefined;
  } catch {
    // Not JSON: somebody else's answer, which the status and the text then say more about.
    return undefined;
  }
}

function problemOfFailure(code: string): ReachProblem {
  if (code.startsWith("dns_")) return "name_not_found";
  if (code.startsWith("tls_")) return "tls";
  if (code === "timeout" || code === "connect_timeout") return "timeout";
  if (code === "connection_refused" || code === "unreachable") return "refused";
  if (code === "bad_response" || code === "connection_reset" || code === "headers_too_large")
    return "not_http";
  return "not_callable";
}

/** Undefined when our own door has answered. Pure. */
export function problemOf(outcome: OutboundOutcome): ReachProblem | undefined {
  if (outcome.kind === "failed") return problemOfFailure(outcome.errorCode);
  const { statusCode, headers, body } = outcome;
  const code = codeIn(body);
  if (statusCode === 400 && code === doorsAnswer) return undefined;
  if (code === unknownToken) return "other_gateway";
  if (statusCode >= 300 && statusCode < 400) return "redirect";
  const type = String(headers["content-type"] ?? "");
  const isPage =
    /html/i.test(type) || body.subarray(0, 200).toString("utf8").trimStart().startsWith("<");
  if (statusCode >= 500) return "proxy_fails";
  if ([401, 403, 405, 407, 411, 413, 429].includes(statusCode)) return "proxy_refuses";
  return isPage ? "web_page" : "other_program";
}
