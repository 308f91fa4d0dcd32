import type { FastifyInstance, FastifyRequest } from "fastify";
import { RecadoError } from "../base/recado-error.ts";
import { parseBody } from "../ingest/index.ts";
import { fieldIssue, InvalidInput } from "./validation.ts";

/** Bytes; our own requests are small. */
export const bodyLimit = 1_048_576;

/**
 * Bodies of our own API are JSON objects, read by the same strict parser as webhooks: what cannot be
 * read is refused with its reason. An empty body counts as none, since many clients send the content
 * type anyway.
 */
export function takeJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    const body = bytes as Buffer;
    if (body.length === 0) return done(null, undefined);
    const parsed = parseBody(body, request.headers["content-type"]);
    if (parsed.kind === "object") return done(null, parsed.body);
    return done(new RecadoError(parsed.code, parsed.detail === undefined ? [] : [parsed.detail]));
  });
}

/** Whether a route's body must be there, may be there, or must not. */
export type BodyNeed = "required" | "optional" | "none";

/** Settles what an absent or unexpected body means before it is validated. */
export function settleBody(request: FastifyRequest, need: BodyNeed): void {
  if (need === "required" && request.body === undefined) throw new RecadoError("body_empty");
  if (need === "optional") request.body ??= {};
  if (need !== "none" || request.body === undefined || request.body === null) return;
  const keys = Object.keys(request.body);
  if (keys.length > 0) {
    throw new InvalidInput([
      ...fieldIssue([], "no_body").issues,
      { code: "unrecognized_keys", keys, path: [], message: "unknown field" },
    ]);
  }
}
