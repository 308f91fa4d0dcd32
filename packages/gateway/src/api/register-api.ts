import cors from "@fastify/cors";
import type { FastifyInstance } from "fastify";
import { serializerCompiler } from "fastify-type-provider-zod";
import { identifyCallers } from "./caller.ts";
import { corsOptions } from "./cors.ts";
import { serveDeliveries } from "./deliveries/index.ts";
import { serveEndpoints } from "./endpoints/index.ts";
import { useErrorForm } from "./errors.ts";
import { serveEvents } from "./events/index.ts";
import { serveHealth } from "./health/index.ts";
import { serveInstanceHealth } from "./instances/health.ts";
import { serveInstanceActions } from "./instances/connect.ts";
import { serveInstances } from "./instances/index.ts";
import { servePairingLinks } from "./instances/pairing-links.ts";
import { serveQr } from "./instances/qr.ts";
import { takeJsonBodies } from "./json-body.ts";
import { serveKeys } from "./keys/index.ts";
import type { ApiOptions } from "./options.ts";
import { serveMessages } from "./messages/index.ts";
import { servePublicPairing } from "./public/pairing.ts";
import { serveReference, type KnownRoute } from "./reference/index.ts";
import { serveServers } from "./servers/index.ts";
import { serveStats } from "./stats/index.ts";
import { serveTenants } from "./tenants/index.ts";
import { serveTokens } from "./tokens/index.ts";
import { zodValidator } from "./validation.ts";

/** Every resource of the API, in the order of the reference page. */
const resources = [
  serveTenants,
  serveKeys,
  serveTokens,
  serveServers,
  serveInstances,
  serveInstanceHealth,
  serveInstanceActions,
  serveQr,
  servePairingLinks,
  serveEndpoints,
  serveEvents,
  serveMessages,
  serveDeliveries,
  serveStats,
  serveHealth,
];

/** Notes every route for the reference, and refuses one that says nothing about who may call it. */
function noteRoutes(app: FastifyInstance, routes: KnownRoute[]): void {
  app.addHook("onRoute", ({ method, url, schema, config }) => {
    if (config?.permission === undefined)
      throw new Error(`${String(method)} ${url} names no permission`);
    if (!Array.isArray(method) && method !== "HEAD")
      routes.push({ method, url, schema: { ...schema } });
  });
}

/**
 * Routes for whoever has a link: no credential, and no page of another origin may read the answers. A
 * link in an address must not end up elsewhere by what a browser tells other servers.
 */
function registerPublic(app: FastifyInstance, options: ApiOptions): void {
  app.register(
    async (scope) => {
      useErrorForm(scope, { language: "negotiated", logger: options.logger });
      scope.addHook("onRequest", async (_request, reply) => {
        reply.headers({
          "cache-control": "no-store",
          "referrer-policy": "no-referrer",
          "x-content-type-options": "nosniff",
          "x-robots-tag": "noindex",
        });
      });
      scope.setValidatorCompiler(zodValidator);
      scope.setSerializerCompiler(serializerCompiler);
      takeJsonBodies(scope);
      servePublicPairing(scope, options);
    },
    { prefix: "/api/public" },
  );
}

/**
 * Mounts Recado's own API under `/api/v1`, its reference page at `/api/docs`, and what links open under
 * `/api/public`. Call it once, before
 * the server listens; the Fastify instance should have been made with `serverOptions`.
 *
 * Owns: who may call what, the form of answers, pages and errors. Must not know: how events come in or
 * go out.
 *
 * I1 Every route but health authenticates before it reads a body. (`every-route.test.ts`)
 * I2 What belongs to another tenant answers like what does not exist. (`every-route.test.ts`)
 * I3 No stored secret leaves, but for the answers that exist to show one. (`endpoints.test.ts`,
 *    `instances.test.ts`, `servers.test.ts`)
 * I4 The OpenAPI document has every route, and answers fit it. (`reference.test.ts`)
 */
export function registerApi(app: FastifyInstance, options: ApiOptions): void {
  const routes: KnownRoute[] = [];
  app.register(
    async (scope) => {
      useErrorForm(scope, { language: "negotiated", logger: options.logger });
      // In front of the routes' own scope: a refused credential must be readable by a page, too.
      await scope.register(cors, corsOptions(options.allowedOrigins));
      await scope.register(async (api) => {
        api.setValidatorCompiler(zodValidator);
        api.setSerializerCompiler(serializerCompiler);
        noteRoutes(api, routes);
        takeJsonBodies(api);
        identifyCallers(api, { access: options.access, directory: options.store.directory });
        for (const serve of resources) serve(api, options);
      });
    },
    { prefix: "/api/v1" },
  );
  registerPublic(app, options);
  serveReference(app, { version: options.version, routes });
}
