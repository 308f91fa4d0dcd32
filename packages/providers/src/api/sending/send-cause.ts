import type { ApiErrorCode } from "../error-code.ts";

/** Why a sender rejected. */
export interface SendCause {
  readonly code: ApiErrorCode & ("timeout" | "unreachable");
  readonly reason: string;
  /** Empty when there is none. Not cleaned of keys yet. */
  readonly message: string;
}

const timeoutWord = /timeout|timedout|timed_out|^abort/i;
const word = /^[A-Za-z][A-Za-z0-9_]{2,60}$/;
const emptyWords: ReadonlySet<string> = new Set(["Error", "TypeError", "SendFailure"]);
const maxDepth = 5;

/** Reads a rejection of any sender; only words are taken over, never the error itself. */
export function causeOf(error: unknown): SendCause {
  const words: string[] = [];
  let message = "";
  let at = error;
  for (let depth = 0; at instanceof Error && depth < maxDepth; depth += 1) {
    const facts = at as Error & { readonly reason?: unknown; readonly code?: unknown };
    for (const candidate of [facts.reason, facts.code, facts.name]) {
      if (typeof candidate === "string" && word.test(candidate)) words.push(candidate);
    }
    // The innermost one knows best: around it there is often only "fetch failed".
    if (at.message !== "") ({ message } = at);
    at = at.cause;
  }
  const timedOut = words.find((candidate) => timeoutWord.test(candidate));
  const own = words.find((candidate) => !emptyWords.has(candidate));
  return {
    code: timedOut === undefined ? "unreachable" : "timeout",
    reason: timedOut ?? own ?? "unreachable",
    message,
  };
}
