/** What went wrong with a call, as stable words. Words are only added. */
export const apiErrorCodes = [
  /** No connection: network, name, certificate, or an address that may not be called. */
  "unreachable",
  "timeout",
  /** The key is missing or wrong. */
  "unauthorised",
  /** The key is known and may not do this. */
  "forbidden",
  "not_found",
  /** The name is in use, or the thing exists already. */
  "conflict",
  /** The instance's state does not allow it: not connected, not started, already stopped. */
  "wrong_state",
  /** The server, or this client before asking it, refuses what was sent. */
  "invalid_request",
  "rate_limited",
  /** A status of 500 and above that says nothing better. */
  "provider_failed",
  /** An answer that makes no sense: not JSON, empty, too long, cut off, a redirect, a failure with 200. */
  "unexpected_answer",
  /** The server runs with this feature switched off. */
  "feature_off",
  /** This version or edition does not have it. */
  "not_supported",
] as const;

export type ApiErrorCode = (typeof apiErrorCodes)[number];

const standing: Readonly<Record<ApiErrorCode, { readonly retryable: boolean; advice: string }>> = {
  unreachable: {
    retryable: true,
    advice:
      "Check that the server runs and that its address is right as seen from this machine; inside a container localhost is the container itself.",
  },
  timeout: {
    retryable: true,
    advice: "The server accepts calls too slowly or not at all; look at its load and its log.",
  },
  unauthorised: {
    retryable: false,
    advice: "Check the server's API key; it may have been changed since it was entered here.",
  },
  forbidden: {
    retryable: false,
    advice: "This key may not do that; use the key of the whole server.",
  },
  not_found: {
    retryable: false,
    advice:
      "Check the name, letter by letter, and whether the address is the server's own and not a page of it.",
  },
  conflict: {
    retryable: false,
    advice: "Choose another name, or use what exists under this one.",
  },
  wrong_state: {
    retryable: false,
    advice: "Look at the instance's state first: it has to be connected or started for this call.",
  },
  invalid_request: {
    retryable: false,
    advice: "The server refuses these values; its words say which.",
  },
  rate_limited: { retryable: true, advice: "Too many calls; wait before the next one." },
  provider_failed: {
    retryable: true,
    advice: "The server failed by itself; its own log has the reason.",
  },
  unexpected_answer: {
    retryable: false,
    advice:
      "Something else may be answering: check the address, and any proxy in front of the server.",
  },
  feature_off: {
    retryable: false,
    advice: "Switch the feature on in the server's environment and restart it.",
  },
  not_supported: {
    retryable: false,
    advice: "This version or edition of the server does not have the call; update it.",
  },
};

/** Whether the same call may succeed later without anybody changing anything. */
export function isRetryable(code: ApiErrorCode): boolean {
  return standing[code].retryable;
}

/** What to do, one English sentence, when the provider's rules have nothing better. */
export function adviceFor(code: ApiErrorCode): string {
  return standing[code].advice;
}

/** What a status means when the answer itself does not say more; undefined for a success. */
export function codeOfStatus(status: number): ApiErrorCode | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 500) return "provider_failed";
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return "invalid_request";
    case 401:
      return "unauthorised";
    case 403:
      return "forbidden";
    case 404:
    case 410:
      return "not_found";
    case 405:
      return "not_supported";
    case 408:
      return "timeout";
    case 409:
      return "conflict";
    case 429:
      return "rate_limited";
    default:
      return "unexpected_answer";
  }
}
