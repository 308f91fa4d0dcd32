import type { ErrorCode } from "@recado/protocol";
import { ProviderApiError, type ApiErrorCode } from "@recado/providers";
import { RecadoError } from "../../base/recado-error.ts";

const codes: Readonly<Record<ApiErrorCode, ErrorCode>> = {
  unreachable: "provider_unreachable",
  timeout: "provider_unreachable",
  unauthorised: "provider_unauthorised",
  forbidden: "provider_unauthorised",
  not_found: "instance_not_at_provider",
  conflict: "provider_refused",
  wrong_state: "provider_refused",
  invalid_request: "provider_refused",
  feature_off: "provider_refused",
  not_supported: "provider_refused",
  rate_limited: "provider_busy",
  provider_failed: "provider_failed",
  unexpected_answer: "provider_failed",
};

/**
 * A provider's failure as an error of our own: what the provider said and what to do are its details,
 * both free of keys. Anything else comes back as it is. Pure.
 */
export function asRecadoError(error: unknown): unknown {
  if (!(error instanceof ProviderApiError)) return error;
  return new RecadoError(codes[error.code], [error.message, error.advice], { cause: error });
}

/** Whether the provider was not reached, or does not want to: what a person who waits is told of it. */
export function troubleOf(error: unknown): "provider_unreachable" | "provider_refused" {
  const known = asRecadoError(error);
  if (!(known instanceof RecadoError)) return "provider_unreachable";
  const refusals: readonly ErrorCode[] = [
    "provider_refused",
    "provider_unauthorised",
    "instance_not_at_provider",
    "instance_without_server",
  ];
  return refusals.includes(known.code) ? "provider_refused" : "provider_unreachable";
}
