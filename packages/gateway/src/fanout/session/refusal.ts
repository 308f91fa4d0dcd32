import { errorCatalogue, type ErrorBody, type ErrorCode } from "@recado/protocol";

/** What an `error` event and a refused acknowledgement carry; in Portuguese, like every documented answer. */
export function refusal(code: ErrorCode, details?: readonly string[]): ErrorBody {
  const sentence = errorCatalogue[code].pt;
  return {
    success: false,
    error: sentence,
    message: sentence,
    code,
    docs: `docs/errors/${code}.md`,
    ...(details !== undefined && details.length > 0 ? { details } : {}),
  };
}
