import { providers } from "@recado/providers";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../base/clock.ts";
import { RecadoError } from "../base/recado-error.ts";
import type { SecretBox } from "../base/secret-box.ts";
import {
  accepted,
  bodyBytes,
  eventPath,
  parseBody,
  plainHeaders,
  takeRawBodies,
  type Ingest,
} from "../ingest/index.ts";
import type { Directory, IngestTarget } from "../store/contract/index.ts";
import { ackBody } from "./ack-body.ts";
import { proveSender } from "./prove-sender.ts";

export interface WhatsappWebhooksOptions {
  readonly ingest: Ingest;
  readonly directory: Directory;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  /** Bytes. */
  readonly bodyLimit: number;
}

type Query = { readonly token?: string };
type WebhookRequest = FastifyRequest<{ Querystring: Query; Params: { "*"?: string } }>;

/** Addresses that older set-ups post to; all are the same door. */
const addresses = [
  "/api/webhooks/whatsapp",
  "/api/webhooks/evolution",
  "/api/webhooks/waha",
] as const;

/** Where a sender's signature stands, when it brings one instead of a token. */
const signatureHeaders = providers.map(({ capabilities }) => capabilities.signatureHeader);

function ingestTokens(request: WebhookRequest): readonly string[] {
  const { headers, query } = request;
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const given = [query.token, bearer, headers["apikey"], headers["x-api-key"]];
  return given.filter((token): token is string => typeof token === "string" && token !== "");
}

/** The documented webhook routes: `POST /api/webhooks/{whatsapp,evolution,waha}[/<event>]` and `…/ack`. */
export function whatsappWebhooks(app: FastifyInstance, options: WhatsappWebhooksOptions): void {
  const { ingest, directory, clock, bodyLimit } = options;

  function unauthorised(): RecadoError {
    ingest.countRefusal("ingest_unauthorised");
    return new RecadoError("ingest_unauthorised", [
      "send the ingest token as ?token=, Authorization: Bearer, apikey or X-Api-Key, or sign with the number's webhook secret",
    ]);
  }

  /** Before the body: who brings no credential of any kind must not make us hold 32 MB. */
  async function findTarget(request: WebhookRequest): Promise<void> {
    for (const token of ingestTokens(request)) {
      request.ingestTarget = await directory.ingestTarget(token);
      if (request.ingestTarget) return;
    }
    if (!signatureHeaders.some((name) => request.headers[name] !== undefined)) throw unauthorised();
  }

  async function targetOf(request: WebhookRequest, bytes: Uint8Array): Promise<IngestTarget> {
    if (request.ingestTarget) return request.ingestTarget;
    const headers = plainHeaders(request.headers);
    const parsed = parseBody(bytes, headers["content-type"]);
    if (parsed.kind === "object") {
      const signed = { headers, bytes, body: parsed.body, receivedAt: clock.now() };
      const target = await proveSender(options, signed);
      if (target) return target;
    }
    throw unauthorised();
  }

  async function receive(request: WebhookRequest, isAck: boolean): Promise<void> {
    const bytes = bodyBytes(request.body);
    const path = isAck ? undefined : eventPath(request.params["*"]);
    await ingest.receive({
      target: await targetOf(request, bytes),
      headers: plainHeaders(request.headers),
      bytes,
      strict: true,
      ...(path !== undefined ? { path } : {}),
      ...(isAck ? { reshape: ackBody } : {}),
    });
  }

  app.register((scope, _options, done) => {
    takeRawBodies(scope, ingest, bodyLimit);
    scope.decorateRequest("ingestTarget", undefined);
    const route = {
      method: "POST" as const,
      logLevel: "silent" as const,
      onRequest: findTarget,
    };
    for (const address of addresses) {
      const handler = async (request: WebhookRequest): Promise<typeof accepted> => {
        await receive(request, false);
        return accepted;
      };
      scope.route({ ...route, url: address, handler });
      scope.route({ ...route, url: `${address}/*`, handler });
      scope.route({
        ...route,
        url: `${address}/ack`,
        handler: async (request: WebhookRequest) => {
          await receive(request, true);
          return { success: true } as const;
        },
      });
    }
    done();
  });
}
