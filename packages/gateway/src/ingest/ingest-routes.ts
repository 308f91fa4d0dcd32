import type { FastifyInstance, FastifyRequest } from "fastify";
import { RecadoError } from "../base/recado-error.ts";
import type { Directory } from "../store/contract/index.ts";
import type { Ingest } from "./ingest.ts";
import { takeRawBodies } from "./raw-body.ts";
import { bodyBytes, eventPath, plainHeaders } from "./request-fields.ts";

export interface IngestRoutesOptions {
  readonly ingest: Ingest;
  readonly directory: Directory;
  /** Bytes. */
  readonly bodyLimit: number;
}

/** What a provider hears; it only looks at the status. */
export const accepted = { success: true, message: "Webhook processado" } as const;

/** `POST /in/<token>[/<event>]`: the address that is pasted into a provider. */
export function ingestRoutes(app: FastifyInstance, options: IngestRoutesOptions): void {
  const { ingest, directory, bodyLimit } = options;

  async function handle(
    request: FastifyRequest<{ Params: { token: string; "*"?: string } }>,
  ): Promise<typeof accepted> {
    const target = await directory.ingestTarget(request.params.token);
    if (!target) {
      ingest.countRefusal("ingest_token_unknown");
      throw new RecadoError("ingest_token_unknown");
    }
    const path = eventPath(request.params["*"]);
    await ingest.receive({
      target,
      headers: plainHeaders(request.headers),
      bytes: bodyBytes(request.body),
      ...(path !== undefined ? { path } : {}),
    });
    return accepted;
  }

  app.register((scope, _options, done) => {
    takeRawBodies(scope, ingest, bodyLimit);
    // The address is a credential: it must not appear in the request log.
    const route = { method: "POST" as const, logLevel: "silent" as const, handler: handle };
    scope.route({ ...route, url: "/in/:token" });
    scope.route({ ...route, url: "/in/:token/*" });
    done();
  });
}
