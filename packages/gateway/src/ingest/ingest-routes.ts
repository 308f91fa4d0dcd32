import type { FastifyInstance, FastifyRequest } from "fastify";
import { RecadoError } from "../base/recado-error.ts";
import type { Directory, IngestTarget } from "../store/contract/index.ts";
import type { Ingest } from "./ingest.ts";
import { takeRawBodies } from "./raw-body.ts";
import { bodyBytes, eventPath, plainHeaders } from "./request-fields.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Whose the webhook's address is; known before its body is read. */
    ingestTarget: IngestTarget | undefined;
  }
}

export interface IngestRoutesOptions {
  readonly ingest: Ingest;
  readonly directory: Directory;
  /** Bytes. */
  readonly bodyLimit: number;
}

/** What a provider hears; it only looks at the status. */
export const accepted = { success: true, message: "Webhook processado" } as const;

type IngestRequest = FastifyRequest<{ Params: { token: string; "*"?: string } }>;

/** `POST /in/<token>[/<event>]`: the address that is pasted into a provider. */
export function ingestRoutes(app: FastifyInstance, options: IngestRoutesOptions): void {
  const { ingest, directory, bodyLimit } = options;

  /** Before the body: who has no address of ours must not make us hold 32 MB. */
  async function findTarget(request: IngestRequest): Promise<void> {
    request.ingestTarget = await directory.ingestTarget(request.params.token);
    if (request.ingestTarget) return;
    ingest.countRefusal("ingest_token_unknown");
    throw new RecadoError("ingest_token_unknown");
  }

  async function handle(request: IngestRequest): Promise<typeof accepted> {
    const { ingestTarget: target } = request;
    if (!target) throw new Error("a webhook without a target got past the door");
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
    scope.decorateRequest("ingestTarget", undefined);
    // The address is a credential: it must not appear in the request log.
    const route = {
      method: "POST" as const,
      logLevel: "silent" as const,
      onRequest: findTarget,
      handler: handle,
    };
    scope.route({ ...route, url: "/in/:token" });
    scope.route({ ...route, url: "/in/:token/*" });
    done();
  });
}
