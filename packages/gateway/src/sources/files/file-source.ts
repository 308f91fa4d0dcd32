import { ProviderApiError, WahaApi, wahaFilePath } from "@recado/providers";
import type { Outbound, OutboundOutcome } from "../../outbound/index.ts";
import type { ProviderServer } from "../../store/contract/index.ts";
import type { ServerControls } from "../control/index.ts";

/**
 * Files behind the links that providers put into messages.
 *
 * Owns: which links are followed, and how. Must not know: events, what becomes of a file.
 *
 * I1 A server's key goes to the address that is configured for it and to no other: of WAHA's links only the
 *    path is taken. Evolution's files lie in a bucket and are asked for without a key.
 * I2 Beside the server's own address only links that carry their own proof (presigned ones of a bucket) are
 *    followed, and into private networks only where `DELIVERY_ALLOW_TARGETS` opens them.
 * I3 No redirect is followed.
 * Proven by `provider-files.test.ts` of `media/remote` and `file-source.test.ts`.
 */
export interface ProviderFileSource {
  /** Pure. */
  mayFetch(server: ProviderServer, url: string): boolean;
  /** Never rejects; ends within {@link fileTimeoutMs}, or as its server's line of calls says. */
  fetch(server: ProviderServer, url: string): Promise<ProviderFile>;
}

export type ProviderFile =
  | { readonly kind: "had"; readonly bytes: Uint8Array; readonly mimetype: string }
  | {
      readonly kind: "failed";
      readonly cause:
        | "gone"
        | "unauthorised"
        | "redirected"
        | "too_large"
        | "unreachable"
        | "refused"
        | "blocked";
      readonly mayHelp: boolean;
    };

export interface ProviderFileSourceOptions {
  readonly outbound: Pick<Outbound, "request">;
  readonly controls: Pick<ServerControls, "clientOptions">;
  readonly maxBytes: number;
  /** Of one request, milliseconds; WAHA's has its own of 60 s. */
  readonly timeoutMs?: number;
}

const fileTimeoutMs = 60_000;
const longestUrl = 4_096;
const proofs = ["x-amz-signature", "x-goog-signature", "signature", "sig"];

type Way = "waha" | "own" | "presigned";

function wayOf({ provider, baseUrl }: ProviderServer, address: string): Way | undefined {
  if (address.length > longestUrl) return undefined;
  if (provider === "waha" && wahaFilePath(address)) return "waha";
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    return undefined;
  // WAHA answers nothing else without its key.
  if (provider !== "waha" && url.origin === URL.parse(baseUrl)?.origin) return "own";
  const isProven = [...url.searchParams.keys()].some((name) => proofs.includes(name.toLowerCase()));
  return isProven ? "presigned" : undefined;
}

function failed(
  cause: Extract<ProviderFile, { kind: "failed" }>["cause"],
  mayHelp = false,
): ProviderFile {
  return { kind: "failed", cause, mayHelp };
}

/** Undefined for a success. */
function failureOfStatus(status: number): ProviderFile | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) return failed("redirected");
  if (status === 401) return failed("unauthorised");
  if (status === 403 || status === 404 || status === 410) return failed("gone");
  return failed("refused", status === 408 || status === 425 || status === 429 || status >= 500);
}

function failureOf(error: unknown): ProviderFile {
  if (!(error instanceof ProviderApiError)) return failed("refused");
  const { code, status, reason, retryable } = error;
  if (reason === "blocked_address") return failed("blocked");
  if (reason === "incomplete") return retryable ? failed("unreachable", true) : failed("too_large");
  // WAHA's own words for a key that is known and may not do this.
  if (code === "unauthorised" || code === "forbidden") return failed("unauthorised");
  const byStatus = status === undefined ? undefined : failureOfStatus(status);
  if (byStatus) return byStatus;
  const isPassing = retryable || code === "rate_limited";
  return failed(status === undefined && isPassing ? "unreachable" : "refused", isPassing);
}

function fileOf(outcome: OutboundOutcome): ProviderFile {
  if (outcome.kind === "failed") {
    const { errorCode } = outcome;
    if (errorCode === "blocked_address" || errorCode === "url_invalid") return failed("blocked");
    return failed("unreachable", errorCode !== "request_invalid");
  }
  const { statusCode, headers, body, truncated, bodyErrorCode } = outcome;
  const failure = failureOfStatus(statusCode);
  if (failure) return failure;
  if (bodyErrorCode !== undefined) return failed("unreachable", true);
  if (truncated) return failed("too_large");
  return { kind: "had", bytes: body, mimetype: String(headers["content-type"] ?? "") };
}

export function createProviderFileSource(options: ProviderFileSourceOptions): ProviderFileSource {
  const { outbound, controls, maxBytes, timeoutMs = fileTimeoutMs } = options;

  async function withKey(server: ProviderServer, url: string): Promise<ProviderFile> {
    try {
      const api = new WahaApi(controls.clientOptions(server, "background"));
      const { bytes, mimeType } = await api.downloadMedia(url, maxBytes);
      return { kind: "had", bytes, mimetype: mimeType };
    } catch (error) {
      return failureOf(error);
    }
  }

  return {
    mayFetch: (server, url) => wayOf(server, url) !== undefined,
    async fetch(server, url) {
      const way = wayOf(server, url);
      if (way === "waha") return withKey(server, url);
      if (way === undefined) return failed("blocked");
      return fileOf(
        await outbound.request({
          method: "GET",
          url,
          headers: { accept: "*/*", "accept-encoding": "identity" },
          body: Buffer.alloc(0),
          timeoutMs,
          maxResponseBytes: maxBytes,
          allowPrivate: way === "own" && server.allowPrivate === true,
        }),
      );
    },
  };
}
