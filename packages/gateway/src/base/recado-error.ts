import { errorCatalogue, type ErrorCode, type ErrorEntry } from "@recado/protocol";

/**
 * A known condition: a catalogue code, sentences for the caller, and details for the operator's log.
 * Expected outcomes are values, not errors; programmer errors are plain `Error`s.
 */
export class RecadoError extends Error {
  readonly code: ErrorCode;
  /** What exactly is wrong, safe to show to the caller. */
  readonly details: readonly string[];
  override readonly name = "RecadoError";

  constructor(
    code: ErrorCode,
    details: readonly string[] = [],
    options?: { readonly cause?: unknown },
  ) {
    super(
      details.length > 0
        ? `${errorCatalogue[code].en}: ${details.join("; ")}`
        : errorCatalogue[code].en,
      options,
    );
    this.code = code;
    this.details = details;
  }

  get entry(): ErrorEntry {
    return errorCatalogue[this.code];
  }
}
