import { codeOfStatus, type ApiAnswer, type ApiDialect, type Judgement } from "../../api/index.ts";
import type { JsonObject } from "../../contract.ts";
import { listOf, member, objectOf, textOf } from "../../message/index.ts";
import { capabilities } from "../capabilities.ts";

const licenceAdvice =
  "This server asks for a licence before it serves anything: activate it in its manager, or run version 2.3.";
const nameAdvice =
  "Choose another name. A deleted instance keeps its name until its last webhook was taken or given up, up to 25 minutes.";
const routeAdvice =
  "Check that the address is the server's own and without a path too much; if it is, this version does not have the call.";
const bodyAdvice =
  "The server stumbled over this request; a setting it expects is missing for its version.";

/** Members whose values are keys, in answers of this API beside those of its webhooks. */
const answerSecrets = ["hash", "jwt", "headers", "webhookHeaders", "apikey", "qrcode", "base64"];

/** Evolution API's way of saying things (recorded with 2.3; 1.x and 2.4 from their sources). */
export const evolutionDialect: ApiDialect = {
  provider: "evolution",
  title: "Evolution API",
  keyHeader: "apikey",
  documentedPrefix: "Evolution API Error",
  secretMembers: [...new Set([...capabilities.secretMembers, ...answerSecrets])],
  pages: ["/manager/login", "/manager"],
  judge,
};

function judge(answer: ApiAnswer, call: string): Judgement | undefined {
  const body = objectOf(answer.value);
  const message = messageOf(answer.value);
  const words = message === undefined ? {} : { message };
  if (answer.status < 300) {
    // A proxy may have put a success's status over the server's own refusal.
    const status = statusInside(body);
    if (status !== undefined) {
      const code = codeOfStatus(status) ?? "unexpected_answer";
      return { code, ...words, ...meaningOf({ ...answer, status }, call, message ?? "") };
    }
    // A failure under a success's status; `error` is false where all is well (recorded).
    const error = body?.["error"];
    if (error !== true && (typeof error !== "string" || error === "")) return undefined;
    // Restarting what is closed is answered so (recorded), with an object printed as text.
    return call.endsWith("/instance/restart/:instance")
      ? { code: "wrong_state", message: "the instance is closed; connect it instead" }
      : { code: "unexpected_answer", ...words };
  }
  return { ...words, ...meaningOf(answer, call, message ?? "") };
}

/** The status that a refusal names in its body, beside the words of it. */
function statusInside(body: JsonObject | undefined): number | undefined {
  const status = body?.["status"];
  const isRefusal = typeof status === "number" && status >= 400 && status < 600;
  return isRefusal && (body?.["error"] ?? body?.["response"]) !== undefined ? status : undefined;
}

function meaningOf(answer: ApiAnswer, call: string, message: string): Judgement {
  switch (answer.status) {
    case 400:
      return meaningOf400(message);
    case 403:
      return meaningOf403(message);
    case 404:
      return meaningOf404(answer, call, message);
    case 500:
      return meaningOf500(message);
    case 503:
      return member(answer.value, "code") === "LICENSE_REQUIRED"
        ? { code: "feature_off", advice: licenceAdvice, retryable: false }
        : {};
    default:
      return {};
  }
}

function meaningOf400(message: string): Judgement {
  if (
    /not connected|needs? to be disconnected|already connected|connection closed/i.test(message)
  ) {
    return { code: "wrong_state" };
  }
  if (/message not found|does not exist/i.test(message)) return { code: "not_found" };
  return {};
}

function meaningOf403(message: string): Judgement {
  if (/already in use|already exists/i.test(message))
    return { code: "conflict", advice: nameAdvice };
  // Version 1, for a call without a key.
  return /global api key/i.test(message) ? { code: "unauthorised" } : {};
}

function meaningOf404(answer: ApiAnswer, call: string, message: string): Judgement {
  // A proxy's own page must not look as if the instance were gone.
  if (answer.form !== "json") return { code: "unexpected_answer" };
  return /^Cannot [A-Z]+ \//.test(message) && call !== "GET /"
    ? { code: "not_supported", advice: routeAdvice }
    : {};
}

function meaningOf500(message: string): Judgement {
  if (/connection closed|not connected/i.test(message)) {
    return { code: "wrong_state", retryable: false };
  }
  // The server's own type errors: it will stumble again over the same request.
  return /^(?:TypeError: )?Cannot (?:read|set) propert/.test(message)
    ? { code: "invalid_request", advice: bodyAdvice }
    : {};
}

/**
 * The provider's words: `response.message` is a text, an array of texts, or an array that holds an array
 * (recorded); sometimes `message`, or `error` alone.
 */
function messageOf(value: unknown): string | undefined {
  const body = objectOf(value);
  for (const candidate of [
    member(body?.["response"], "message"),
    body?.["message"],
    body?.["error"],
  ]) {
    const found = textsOf(candidate, 0).join("; ");
    if (found !== "") return found;
  }
  return undefined;
}

const maxTexts = 10;

function textsOf(value: unknown, depth: number): readonly string[] {
  const text = textOf(value);
  if (text !== undefined) return text === "" ? [] : [text];
  if (depth < 2 && Array.isArray(value)) {
    return listOf(value)
      .slice(0, maxTexts)
      .flatMap((entry) => textsOf(entry, depth + 1));
  }
  // Numbers that are not on WhatsApp come as objects.
  return objectOf(value) === undefined || depth === 0 ? [] : [JSON.stringify(value)];
}
