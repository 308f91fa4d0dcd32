import type { ErrorBody, ErrorCode, ProviderName } from "@recado/protocol";
import { ProviderApiError } from "@recado/providers";
import { errorBody } from "../../api/index.ts";
import { sentenceFor } from "../../sources/adopt/index.ts";

/**
 * A refusal with a sentence of its own: those of the documented routes hold what a provider said, or are
 * worded per route.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly body: ErrorBody;

  constructor(
    status: number,
    code: ErrorCode,
    sentence: string,
    details: readonly string[] = [],
    cause?: unknown,
  ) {
    super(sentence, { cause });
    this.status = status;
    this.body = { ...errorBody(code, "pt", details), error: sentence, message: sentence };
  }
}

/** What the documented routes say in front of a provider's answer. */
export const setFailed = "Erro ao configurar webhook";
export const removeFailed = "Erro ao remover webhook";

/**
 * Runs something at a provider; its failure becomes `<prefix>: Evolution API Error: <status> <text> -
 * <body>` with 502. The provider's words come without keys. Anything else passes.
 */
export async function atProvider<T>(prefix: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderApiError)) throw error;
    const sentence = `${prefix}: ${error.documentedMessage}`;
    throw new Refusal(502, "provider_failed", sentence, [sentenceFor(error.code).pt], error);
  }
}

const apiError: Readonly<Record<ProviderName, string>> = {
  evolution: "Evolution API Error",
  waha: "WAHA API error",
};

/** Something about a provider that it did not say itself, in the form of what it says. */
export function providerRefusal(
  prefix: string,
  provider: ProviderName,
  problem: string,
  details: readonly string[] = [],
): Refusal {
  const sentence = `${prefix}: ${apiError[provider]}: ${problem}`;
  return new Refusal(502, "provider_failed", sentence, details);
}

/** "Saved" but not so: what was read back is something else than was set. */
export function notStored(
  prefix: string,
  provider: ProviderName,
  settings: readonly string[],
): Refusal {
  const problem = `o servidor confirmou, mas não gravou: ${settings.join(", ")}`;
  return providerRefusal(prefix, provider, problem);
}
