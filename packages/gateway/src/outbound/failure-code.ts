import { errors } from "undici";

/**
 * Why a request failed, as stable words that end up in attempts, filters and alerts. Words are only
 * added, never renamed.
 */
export type FailureCode =
  | "url_invalid"
  | "blocked_address"
  | "dns_error"
  | "dns_timeout"
  | "timeout"
  | "connect_timeout"
  | "connection_refused"
  | "connection_reset"
  | "unreachable"
  | "connection_failed"
  | "tls_self_signed"
  | "tls_expired"
  | "tls_wrong_name"
  | "tls_untrusted"
  | "tls_error"
  | "bad_response"
  | "headers_too_large"
  | "request_invalid"
  | "closed";

const byCode: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: "connection_refused",
  ECONNRESET: "connection_reset",
  EPIPE: "connection_reset",
  UND_ERR_SOCKET: "connection_reset",
  ETIMEDOUT: "connect_timeout",
  UND_ERR_CONNECT_TIMEOUT: "connect_timeout",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls_self_signed",
  SELF_SIGNED_CERT_IN_CHAIN: "tls_self_signed",
  CERT_HAS_EXPIRED: "tls_expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "tls_wrong_name",
  UND_ERR_HEADERS_OVERFLOW: "headers_too_large",
  HPE_HEADER_OVERFLOW: "headers_too_large",
  UND_ERR_INVALID_ARG: "request_invalid",
  UND_ERR_NOT_SUPPORTED: "request_invalid",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "bad_response",
  UND_ERR_DESTROYED: "closed",
  UND_ERR_CLOSED: "closed",
  ERR_MISDIRECTED: "blocked_address",
};

/** OpenSSL's verdicts on certificates, and everything else that TLS can say. */
const byPattern: readonly (readonly [RegExp, FailureCode])[] = [
  [/^HPE_/, "bad_response"],
  [
    /^(UNABLE_TO_|CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)/,
    "tls_untrusted",
  ],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO)/, "tls_error"],
];

const sentences: Readonly<Record<FailureCode, string>> = {
  url_invalid: "the address cannot be called",
  blocked_address: "the address points into a private or reserved network",
  dns_error: "the name cannot be resolved",
  dns_timeout: "the name was not resolved in time",
  timeout: "no complete answer within the time limit",
  connect_timeout: "no connection within the time limit",
  connection_refused: "nothing listens at this address",
  connection_reset: "the connection was closed before the answer",
  unreachable: "there is no route to this address",
  connection_failed: "the connection failed",
  tls_self_signed: "the certificate is self-signed",
  tls_expired: "the certificate has expired",
  tls_wrong_name: "the certificate is for another name",
  tls_untrusted: "the certificate is not trusted",
  tls_error: "the TLS handshake failed",
  bad_response: "the answer is not HTTP",
  headers_too_large: "the answer's header section is too large",
  request_invalid: "the request cannot be sent",
  closed: "the sender is shutting down",
};

/**
 * The word for an error of a socket, of TLS or of the HTTP client.
 *
 * undici 8 gives its parser errors no code, and reports an answer that it does not accept (an interim
 * `100 Continue` nobody asked for, an upgrade) as a socket error with one of two messages.
 */
export function failureCodeOf(error: unknown): FailureCode {
  if (error instanceof errors.HTTPParserError) return "bad_response";
  if (error instanceof errors.SocketError && /^bad (response|upgrade)$/.test(error.message)) {
    return "bad_response";
  }
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string")
    return "connection_failed";
  const { code } = error;
  const known = byCode[code];
  if (known !== undefined) return known;
  return byPattern.find(([pattern]) => pattern.test(code))?.[1] ?? "connection_failed";
}

/** One sentence for people. Names no address: what a name resolves to inside a network is not told. */
export function failureSentence(code: FailureCode): string {
  return sentences[code];
}
