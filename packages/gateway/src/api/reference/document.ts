import { eventSchema } from "@recado/protocol";
import type { FastifyInstance, FastifySchema, HTTPMethods } from "fastify";
import { z } from "zod";
import { tidyDocument } from "./tidy-document.ts";

/** A route as it was registered. */
export interface KnownRoute {
  readonly method: HTTPMethods;
  readonly url: string;
  readonly schema: FastifySchema;
}

export interface ReferenceOptions {
  readonly version: string;
  /** Filled while routes are registered; read when the document is asked for. */
  readonly routes: readonly KnownRoute[];
}

const description = [
  "Recado stands between Evolution API or WAHA and everything that needs their events: it keeps every event and hands it on.",
  "Send a key or a token as `Authorization: Bearer …` or `apikey: …`.",
  "Lists answer `{data, nextCursor?}`; give `nextCursor` back as `after` for the next page.",
  "Operators may act for another tenant with `X-Tenant-Id`.",
].join("\n\n");

/** The page loads only from us. No upgrade to https: many read it on a plain address inside their network. */
const pagePolicy = {
  "default-src": ["'self'"],
  "base-uri": ["'self'"],
  "object-src": ["'none'"],
  "frame-ancestors": ["'self'"],
  "img-src": ["'self'", "data:"],
  "style-src": ["'self'", "'unsafe-inline'"],
};

/**
 * A Fastify of its own that holds the same routes without handlers, the OpenAPI document made of them
 * and the reference page.
 *
 * Built when it is first asked for: most processes never are, and then neither the generator nor the
 * page costs them memory or start-up time.
 */
export async function buildReference(options: ReferenceOptions): Promise<FastifyInstance> {
  const [{ default: Fastify }, { default: swagger }, { default: swaggerUi }, zodProvider] =
    await Promise.all([
      import("fastify"),
      import("@fastify/swagger"),
      import("@fastify/swagger-ui"),
      import("fastify-type-provider-zod"),
    ]);
  // The other shapes carry their names themselves; this one belongs to the events.
  if (!z.globalRegistry.has(eventSchema)) z.globalRegistry.add(eventSchema, { id: "Event" });
  const app = Fastify({ logger: false, exposeHeadRoutes: false });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Recado", version: options.version, description },
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "A key or a token (JWT)" },
          apikey: { type: "apiKey", in: "header", name: "apikey", description: "A key" },
        },
      },
      security: [{ bearer: [] }, { apikey: [] }],
    },
    transform: zodProvider.jsonSchemaTransform,
    transformObject: zodProvider.jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: "/api/docs",
    staticCSP: pagePolicy,
    transformSpecification: (document) => tidyDocument({ ...document }),
  });
  for (const { method, url, schema } of options.routes) {
    app.route({ method, url, schema, handler: () => undefined });
  }
  await app.ready();
  return app;
}
