import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { errorCatalogue, type ErrorBody, type ErrorCode } from "@recado/protocol";
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyServerOptions,
} from "fastify";
import type { Logger } from "../base/logger.ts";
import { RecadoError } from "../base/recado-error.ts";
import { detailSentence } from "./detail-sentences.ts";
import { issueSentences } from "./issue-sentences.ts";
import { preferredLanguage, type Language } from "./language.ts";
import { InvalidInput } from "./validation.ts";

/**
 * How every refusal looks: `{success:false, error, message, code, docs, details?}`.
 *
 * I1 No stack, no internal message and no input of others ever reaches a caller.
 * I2 Whatever fails (route, body, framework, HTTP itself) has this form and a catalogue code.
 * Proven by `errors.test.ts`.
 */
export interface ErrorFormOptions {
  /** Portuguese always on the documented routes; on our own the caller's choice, else English. */
  readonly language: "pt" | "negotiated";
  readonly logger: Logger;
}

/** The page that explains a code, as a path in the documentation. */
function docsPage(code: ErrorCode): string {
  return `docs/errors/${code}.md`;
}

export function errorBody(
  code: ErrorCode,
  language: Language,
  details: readonly string[] = [],
): ErrorBody {
  const sentence = errorCatalogue[code][language];
  return {
    success: false,
    error: sentence,
    message: sentence,
    code,
    docs: docsPage(code),
    ...(details.length > 0 ? { details } : {}),
  };
}

/** Fastify's own codes that are the caller's doing, by the catalogue's. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_EMPTY_JSON_BODY: "body_empty",
  FST_ERR_CTP_INVALID_JSON_BODY: "json_invalid",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "invalid_request",
  FST_ERR_BAD_URL: "invalid_request",
  FST_ERR_MAX_PARAM_LENGTH: "route_not_found",
  FST_ERR_ASYNC_CONSTRAINT: "invalid_request",
};

interface Refusal {
  readonly code: ErrorCode;
  readonly details: readonly string[];
}

function codeOf(error: Partial<FastifyError>): ErrorCode {
  const known = frameworkCodes[error.code ?? ""];
  if (known) return known;
  // What else carries a 4xx comes from parsing the request; all else is our own fault.
  const status = error.statusCode ?? 500;
  if (status === 408) return "request_timeout";
  return status >= 400 && status < 500 ? "invalid_request" : "internal";
}

function refusalOf(error: unknown, language: Language): Refusal {
  if (error instanceof InvalidInput)
    return { code: "invalid_request", details: issueSentences(error.issues, language) };
  if (error instanceof RecadoError) {
    return {
      code: error.code,
      details: error.details.map((detail) => detailSentence(detail, language)),
    };
  }
  return { code: codeOf(error instanceof Error ? error : {}), details: [] };
}

function languageFor(request: FastifyRequest, form: ErrorFormOptions["language"]): Language {
  return form === "pt" ? "pt" : preferredLanguage(request.headers["accept-language"], "en");
}

/** A store that cannot write looks for itself at least this often whether it can again. */
const retryAfterSeconds = 5;

function answer(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ErrorFormOptions,
): void {
  const language = languageFor(request, options.language);
  const { code, details } = refusalOf(error, language);
  const { status } = errorCatalogue[code];
  // The store says itself when that begins and when it ends; a line for each webhook would fill a full disk.
  if (code === "store_unavailable") void reply.header("retry-after", retryAfterSeconds);
  else if (status >= 500) {
    // The route's pattern, not its address: that may hold a token or a name.
    const route = `${request.method} ${request.routeOptions.url ?? "unknown"}`;
    options.logger.error({ err: error, code, route }, "request failed");
  }
  const body = errorBody(code, language, details);
  void reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(body));
}

/** Sets how a Fastify instance (or a scope of it) answers errors and unknown routes. */
export function useErrorForm(app: FastifyInstance, options: ErrorFormOptions): void {
  app.setErrorHandler((error, request, reply) => answer(error, request, reply, options));
  app.setNotFoundHandler((request, reply) =>
    answer(new RecadoError("route_not_found"), request, reply, options),
  );
}

/** HTTP that never became a request: broken syntax, headers too large or too slow. */
const socketCodes: Readonly<Record<string, { readonly status: number; readonly code: ErrorCode }>> =
  {
    ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: "request_timeout" },
    HPE_HEADER_OVERFLOW: { status: 431, code: "invalid_request" },
  };

function answerSocket(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code } = socketCodes[error.code ?? ""] ?? {
    status: 400,
    code: "invalid_request",
  };
  const body = JSON.stringify(errorBody(code, "en"));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/**
 * Options for `Fastify(…)` that give the same form to what fails before a route is found, and let names
 * of instances (up to 200 characters, percent-encoded) into paths.
 */
export function serverOptions(
  logger: Logger,
): Pick<FastifyServerOptions, "frameworkErrors" | "clientErrorHandler" | "routerOptions"> {
  const options: ErrorFormOptions = { language: "negotiated", logger };
  return {
    routerOptions: { maxParamLength: 4_096 },
    frameworkErrors: (error, request, reply) => answer(error, request, reply, options),
    clientErrorHandler: answerSocket,
  };
}
