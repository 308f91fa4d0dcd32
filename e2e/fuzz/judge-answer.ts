import { errorCatalogue } from "@recado/protocol";
import type { Answer } from "./fuzz-connection.ts";

export type Verdict =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "undocumented"; readonly because: string };

/** What an answer is by the documents: every refusal names a code of the catalogue, with that code's status. */
export function judgeAnswer({ status, contentType, body }: Answer): Verdict {
  const undocumented = (because: string): Verdict => ({ kind: "undocumented", because });
  // The answer to a browser's question whether it may post.
  if (status === 204 && body === "") return { kind: "refused", code: "preflight" };
  if (!contentType.startsWith("application/json"))
    return undocumented(`${status} of type "${contentType}": ${body.slice(0, 200)}`);
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undocumented(`${status} without JSON: ${body.slice(0, 200)}`);
  }
  if (typeof answer !== "object" || answer === null) return undocumented(`${status}: ${body}`);
  if (status === 200)
    return "success" in answer && answer.success === true
      ? { kind: "accepted" }
      : undocumented(`200 without success: ${body.slice(0, 200)}`);
  const { success, code, error, message } = answer as Record<string, unknown>;
  const entry = Object.entries(errorCatalogue).find(([name]) => name === code)?.[1];
  if (success !== false || typeof error !== "string" || typeof message !== "string" || !entry)
    return undocumented(`${status}: ${body.slice(0, 200)}`);
  // Headers that are too large have a status of their own.
  const isOverflow = code === "invalid_request" && status === 431;
  if ((entry.status !== status && !isOverflow) || status === 500)
    return undocumented(`${status} with ${String(code)}: ${body.slice(0, 200)}`);
  return { kind: "refused", code: String(code) };
}
