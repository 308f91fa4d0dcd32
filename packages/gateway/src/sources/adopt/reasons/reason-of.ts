import { ProviderApiError } from "@recado/providers";
import type { Logger } from "../../../base/logger.ts";
import type { Reason } from "./sentences.ts";

/** A known condition that ends a piece of work at a server. */
export class ServerRefused extends Error {
  override readonly name = "ServerRefused";
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`a provider server was refused: ${reason.code}`);
    this.reason = reason;
  }
}

/**
 * What a failure means for a person. Anything but a provider's failure is a fault of this side: it is
 * logged with its stack, and shown without.
 */
export function reasonOf(error: unknown, logger: Logger): Reason {
  if (error instanceof ProviderApiError) {
    const { code, providerMessage, reason } = error;
    const detail = providerMessage ?? reason;
    return { code, ...(detail === undefined ? {} : { detail: detail.slice(0, 300) }) };
  }
  if (error instanceof ServerRefused) return error.reason;
  logger.error({ err: error }, "a provider server could not be worked with");
  return { code: "internal" };
}
