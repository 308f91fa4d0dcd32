import type { FastifyInstance } from "fastify";
import type { Ingest } from "./ingest.ts";

/**
 * Makes a Fastify scope take bodies of every content type as bytes: a signature covers bytes, and the
 * reason why a body is refused is ours to tell. Counts bodies over the limit.
 */
export function takeRawBodies(app: FastifyInstance, ingest: Ingest): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.addHook("onError", (_request, _reply, error, done) => {
    if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") ingest.countRefusal("body_too_large");
    done();
  });
}
