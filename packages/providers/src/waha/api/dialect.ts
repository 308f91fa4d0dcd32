import type { ApiAnswer, ApiDialect, ApiErrorCode, Judgement } from "../../api/index.ts";
import { capabilities } from "../capabilities.ts";
import { isObject, textOf } from "../wire.ts";

/**
 * How WAHA says that a call failed (recorded on 2026.2.1, the editions' refusals by source).
 *
 * It has five forms: `{message, error, statusCode}`, the same with a list of complaints, `{error, session}`
 * or `{error, session, status, expected}` without a status code, `{statusCode, exception, request}` for its
 * own crashes, and 422 for nearly everything else. So the words decide more than the status does.
 */

interface Rule {
  readonly words: RegExp;
  readonly code: ApiErrorCode;
  readonly advice?: string;
  readonly retryable?: boolean;
}

const updateAdvice = "This version or edition of WAHA does not have it; update WAHA.";

/** First match wins. */
const rules: readonly Rule[] = [
  { words: /\balready exists\b/i, code: "conflict" },
  {
    words: /\balready started\b/i,
    code: "wrong_state",
    advice: "The session runs already; restart it if it has to begin anew.",
  },
  // Said of a session that is stopped, although the status is 404.
  {
    words: /\bplease start it first\b/i,
    code: "wrong_state",
    advice: "Start the session first.",
  },
  { words: /\bsession\b.*\bdoes not exist\b/i, code: "not_found" },
  {
    words: /\bsession is starting\b/i,
    code: "wrong_state",
    retryable: true,
    advice: "The session is starting; try again in a few seconds.",
  },
  {
    words: /\bonly in \w+ status\b|\bnot as expected\b|\bno passkey \w+ is pending\b/i,
    code: "wrong_state",
    advice: "Look at the session's status first; restart the session when it failed.",
  },
  {
    words: /\benable noweb store\b|\bnoweb\.store\b/i,
    code: "feature_off",
    advice: "Set config.noweb.store.enabled of the session to true, and start it again.",
  },
  {
    words:
      /\bonly in plus\b|\bnot available in this edition\b|\bnot implemented by\b|\bengine doesn'?t support\b|\bnot supported by\b|\bnon chrome based engine\b/i,
    code: "not_supported",
    advice: "This edition or engine of WAHA does not have it.",
  },
  // A route that nobody knows; also what another program at this address would say.
  {
    words: /^cannot (?:get|post|put|delete) \//i,
    code: "not_supported",
    advice: `${updateAdvice} Check the address too: it must be WAHA's own, without a page behind it.`,
  },
  {
    // The second form is of 2023.
    words: /\bENOENT\b|^file not found\b/i,
    code: "not_found",
    advice:
      "WAHA has removed the file: it keeps files 180 seconds by default (WHATSAPP_FILES_LIFETIME), and none over a restart.",
  },
];

const onlyDefault = /\bsupports? only 'default' session\b/i;

/** Before 2026.6.1 the free edition had one session; every other name is refused with 422. */
function refusedName(message: string, call: string): Judgement {
  const advice =
    "This edition of WAHA has a single session, called `default`; several came with 2026.6.1.";
  return { code: call === "POST /api/sessions" ? "not_supported" : "not_found", message, advice };
}

function wordsOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return textOf(value);
  const words = value.map(textOf).filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join("; ");
}

/** Words, or the message of an object. */
function wordsIn(value: unknown): string | undefined {
  return isObject(value) ? wordsOf(value["message"]) : wordsOf(value);
}

/** WAHA's own words in any of its forms. */
function messageOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const said = wordsOf(value["message"]) ?? wordsIn(value["exception"]) ?? wordsIn(value["error"]);
  const status = textOf(value["status"]);
  const expected = wordsOf(value["expected"]);
  if (said === undefined || status === undefined || expected === undefined) return said;
  return `${said} (status ${status}, expected ${expected})`;
}

/** Proxies and old versions answer 200 with a body that says otherwise. */
function failedInside(value: unknown): boolean {
  if (!isObject(value)) return false;
  const statusCode = value["statusCode"];
  return value["error"] === true || (typeof statusCode === "number" && statusCode >= 400);
}

function judge(answer: ApiAnswer, call: string): Judgement | undefined {
  const { status, value } = answer;
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && !failedInside(value)) return undefined;
  // A proxy's own page must not look as if the session were gone. Files are served by another part of it.
  if (status === 404 && answer.form !== "json" && !call.startsWith("GET /api/files/"))
    return { code: "unexpected_answer" };
  const message = messageOf(value);
  if (message === undefined) return isSuccess ? { message: "the answer says that it failed" } : {};
  if (isSuccess || status === 401 || status === 403) return { message };
  if (onlyDefault.test(message)) return refusedName(message, call);
  const rule = rules.find(({ words }) => words.test(message));
  // A crash repeats whatever words it likes: only an explicit "not implemented" says more than its status.
  if (status === 501) return { message, code: "not_supported", advice: updateAdvice };
  if (rule === undefined || status >= 500) return { message };
  const starting = isObject(value) && value["status"] === "STARTING";
  const retryable = rule.retryable ?? (starting && rule.code === "wrong_state" ? true : undefined);
  return {
    message,
    code: rule.code,
    ...(rule.advice === undefined ? {} : { advice: rule.advice }),
    ...(retryable === undefined ? {} : { retryable }),
  };
}

/** WAHA's way to be called and to refuse. */
export const wahaDialect: ApiDialect = {
  provider: "waha",
  title: "WAHA",
  keyHeader: "x-api-key",
  documentedPrefix: "WAHA API error",
  // A crash repeats the request with its path, its phone numbers and every key inside, and a stack. `key`
  // is that of a signature or of the keys API, `value` that of a header or a QR code.
  secretMembers: [
    ...capabilities.secretMembers,
    "customHeaders",
    "request",
    "stack",
    "token",
    "key",
    "value",
  ],
  pages: ["/dashboard"],
  judge,
};
