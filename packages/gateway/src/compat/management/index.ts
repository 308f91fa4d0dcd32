import cors from "@fastify/cors";
import type { FastifyInstance } from "fastify";
import { identifyCallers } from "../../api/caller.ts";
import { corsOptions, useErrorForm, type ApiOptions } from "../../api/index.ts";
import { takeJsonBodies } from "../../api/json-body.ts";
import type { Outbound } from "../../outbound/index.ts";
import type { ServerControls } from "../../sources/index.ts";
import { legacyRoutes } from "./legacy/legacy-routes.ts";
import { ownAddresses, type OwnWebhook } from "./configured/own-webhook.ts";
import { providerRoutes } from "./provider-routes.ts";
import { webhooksAt } from "./configured/provider-webhooks.ts";
import { serveDocumented, ignoreBodies } from "./serve-documented.ts";
import { SessionWebhooks } from "./session-webhooks.ts";

export interface ManagementOptions extends Pick<
  ApiOptions,
  | "store"
  | "access"
  | "deliverer"
  | "secretBox"
  | "clock"
  | "ids"
  | "logger"
  | "publicUrl"
  | "allowedOrigins"
> {
  readonly outbound: Outbound;
  readonly controls: ServerControls;
  /** Keeps our own webhook at the providers. */
  readonly own: OwnWebhook;
}

/**
 * The documented management routes, `/api/webhook-management/…`: webhooks of Evolution and WAHA, as front
 * ends of the documented system set, read and remove them.
 *
 * Owns: these routes' words, status codes and forms. Must not know: how events come in or go out.
 *
 * I1 Every route authenticates before it reads a body, and a session of another tenant, or one that the
 *    credential may not see, is answered like one that does not exist. (`roles.test.ts`)
 * I2 Whatever was configured, the provider points at us unless `direct` was asked for.
 *    (`evolution-routes.test.ts`, `waha-routes.test.ts`)
 * I3 No answer holds a key. (`evolution-routes.test.ts`, `waha-routes.test.ts`)
 */
export function managementRoutes(app: FastifyInstance, options: ManagementOptions): void {
  const { store, access, logger, controls, publicUrl } = options;
  const { directory } = store;
  const addresses = ownAddresses(publicUrl);
  const webhooks = new SessionWebhooks({
    ...options,
    addresses,
    webhooksAt: (server, name) => webhooksAt(controls, server, name),
  });
  const providers = (["evolution", "waha"] as const).map((provider) =>
    providerRoutes(provider, { directory, webhooks }),
  );
  const legacy = legacyRoutes({ ...options, log: store.log, directory, webhooks, addresses });
  app.register(
    async (scope) => {
      useErrorForm(scope, { language: "pt", logger });
      // In front of the callers: a refused credential must be readable by a page, too.
      await scope.register(cors, corsOptions(options.allowedOrigins));
      await scope.register(async (identified) => {
        identifyCallers(identified, { access, directory });
        await identified.register(async (bodies) => {
          takeJsonBodies(bodies);
          for (const route of providers.flatMap(({ withBody }) => withBody))
            serveDocumented(bodies, logger, route);
        });
        await identified.register(async (plain) => {
          ignoreBodies(plain);
          const routes = [...providers.flatMap(({ withoutBody }) => withoutBody), ...legacy];
          for (const route of routes) serveDocumented(plain, logger, route);
        });
      });
    },
    { prefix: "/api" },
  );
}
