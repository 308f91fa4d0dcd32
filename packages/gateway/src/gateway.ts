import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { createAccess, requestCredential, type RecadoAccess } from "./access/index.ts";
import { registerApi, serverOptions, useErrorForm } from "./api/index.ts";
import { systemClock } from "./base/clock.ts";
import { systemIds } from "./base/ids.ts";
import type { Logger } from "./base/logger.ts";
import { RecadoError } from "./base/recado-error.ts";
import { createSecretBox } from "./base/secret-box.ts";
import { whatsappWebhooks } from "./compat/index.ts";
import type { Config, Secrets } from "./config/index.ts";
import { createDeliverer } from "./deliver/index.ts";
import { createFanout } from "./fanout/index.ts";
import { createMetrics, healthRoutes } from "./health/index.ts";
import { createIngest, createInstanceFinder, ingestRoutes } from "./ingest/index.ts";
import { createEventLogWriter, cursorsOf, startRetention } from "./log/index.ts";
import { createOutbound } from "./outbound/index.ts";
import type { Store, Tenant } from "./store/contract/index.ts";
import { openSqliteStore } from "./store/sqlite/index.ts";
import { version } from "./version.ts";

/**
 * The composition root: the only place that knows every part, and the order in which they start and stop.
 *
 * I1 Nothing listens before the store is open, and nothing is acknowledged after it failed.
 * I2 `close` stops taking, finishes what was taken, then lets go of the store: no acknowledged
 *    webhook and no recorded attempt is lost by stopping.
 * Proven by `e2e/first-event.test.ts` and `e2e/crash.test.ts`.
 */
export interface Gateway {
  readonly logger: Logger;
  /** Resolves with the error after which nothing can be stored any more. */
  readonly failed: Promise<Error>;
  /** Starts to listen; answers the address. */
  listen(): Promise<string>;
  welcome(): Promise<{ readonly url: string; readonly ingestUrl: string }>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface GatewayOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly logger: Logger;
}

const defaultTenantId = "default";

async function ensureDefaultTenant(store: Store): Promise<Tenant> {
  const existing = await store.directory.tenant(defaultTenantId);
  if (existing) return existing;
  const tenant: Tenant = {
    id: defaultTenantId,
    name: "Default",
    active: true,
    ingestToken: systemIds.token(24),
    createdAt: systemClock.now(),
  };
  await store.directory.createTenant(tenant);
  return tenant;
}

function createServer(config: Config, logger: Logger): FastifyInstance {
  const app = Fastify({
    ...serverOptions(logger),
    // Requests are not logged one by one: addresses of webhooks are credentials.
    logger: false,
    bodyLimit: 1_048_576,
    requestTimeout: config.requestTimeoutMs,
    http: {
      headersTimeout: Math.min(config.requestTimeoutMs, 30_000),
      connectionsCheckingInterval: 1_000,
    },
    keepAliveTimeout: 75_000,
    forceCloseConnections: "idle",
  });
  useErrorForm(app, { language: "pt", logger });
  return app;
}

/** Rejects unless the credential is the operator's. */
async function requireOperator(
  access: RecadoAccess,
  headers: Parameters<typeof requestCredential>[0],
): Promise<void> {
  const principal = await access.authenticate(requestCredential(headers));
  if (principal.role !== "SUPERADMIN") throw new RecadoError("forbidden");
}

function listeningUrl(app: FastifyInstance, host: string): string {
  const { port } = app.server.address() as AddressInfo;
  const shown = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host;
  return `http://${shown}:${port}`;
}

/** Opens the store and builds every part; does not listen yet. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, secrets, logger } = options;
  const clock = systemClock;
  const ids = systemIds;
  const startedAt = clock.now();
  const secretBox = createSecretBox(secrets.encryptionKey);
  const store = await openSqliteStore({
    directory: config.dataDir,
    clock,
    logger,
    newEpoch: () => ids.token(9),
  });
  let storeError: Error | undefined;
  const failed = store.failed.then((error) => (storeError = error));
  const tenant = await ensureDefaultTenant(store);

  const app = createServer(config, logger);
  const publicUrl = (): string =>
    config.publicUrl ??
    `http://localhost:${(app.server.address() as AddressInfo | null)?.port ?? config.port}`;
  const outbound = createOutbound({ allowTargets: config.deliveryAllowTargets, clock });
  const access = createAccess({
    directory: store.directory,
    adminKey: secrets.adminKey,
    jwtSecret: secrets.jwtSecret,
    ...(config.jwksUrl !== undefined
      ? { jwks: { url: config.jwksUrl, fetch: outbound.fetch } }
      : {}),
    clock,
    ids,
  });
  const writer = createEventLogWriter({ log: store.log, clock, ids });
  const cursorOf = cursorsOf(store.log.epoch);
  const deliverer = createDeliverer({
    store,
    outbound,
    secretBox,
    clock,
    ids,
    logger,
    version,
    emit: (scope, event) => writer.appendOwn(scope, event),
  });
  const ingest = createIngest({
    writer,
    finder: createInstanceFinder({ directory: store.directory, clock, ids }),
    secretBox,
    clock,
    logger,
  });
  const fanout = createFanout({
    httpServer: app.server,
    access,
    directory: store.directory,
    tail: writer,
    cursorOf,
    allowedOrigins: config.allowedOrigins.includes("*") ? "*" : config.allowedOrigins,
    clock,
    logger,
  });
  const metrics = createMetrics({
    ingest: ingest.counters,
    sockets: fanout.stats,
    deliveries: deliverer.stats,
  });

  ingestRoutes(app, { ingest, directory: store.directory, bodyLimit: config.bodyLimitBytes });
  whatsappWebhooks(app, {
    ingest,
    directory: store.directory,
    secretBox,
    clock,
    bodyLimit: config.bodyLimitBytes,
  });
  healthRoutes(app, {
    notReady: () => storeError && "the store failed",
    metrics: async () => {
      const { text, contentType } = await metrics();
      return { text: await text(), contentType };
    },
    requireOperator: (headers) => requireOperator(access, headers),
    now: clock.now,
  });
  registerApi(app, {
    store,
    access,
    deliverer,
    outbound,
    secretBox,
    clock,
    ids,
    logger,
    publicUrl,
    cursorOf,
    allowedOrigins: config.allowedOrigins,
    version,
    startedAt,
    defaultTokenTtlSeconds: config.jwtTtlSeconds,
    runtimeStats: () => runtimeStats(ingest.counters(), fanout.stats(), deliverer.stats()),
  });
  const stopRetention = startRetention({
    store,
    clock,
    logger,
    retentionDays: config.retentionDays,
  });

  async function shutDown(): Promise<void> {
    await fanout.close();
    await app.close();
    await deliverer.stop();
    await stopRetention();
    writer.close();
    await outbound.close();
    await store.close();
    logger.info("stopped");
  }

  let closing: Promise<void> | undefined;
  return {
    logger,
    failed,
    async listen() {
      await app.listen({ port: config.port, host: config.host });
      await deliverer.start();
      const url = listeningUrl(app, config.host);
      logger.info({ url, version, startMs: clock.now() - startedAt }, "ready");
      return url;
    },
    welcome: async () => ({
      url: publicUrl(),
      ingestUrl: `${publicUrl()}/in/${tenant.ingestToken}`,
    }),
    close: () => (closing ??= shutDown()),
  };
}

type Counters = ReturnType<ReturnType<typeof createIngest>["counters"]>;

/** Numbers of the whole process for an operator. */
function runtimeStats(
  ingest: Counters,
  sockets: ReturnType<ReturnType<typeof createFanout>["stats"]>,
  deliveries: ReturnType<ReturnType<typeof createDeliverer>["stats"]>,
): Record<string, number> {
  const refused = Object.values(ingest.refused).reduce<number>(
    (sum, value) => sum + (value ?? 0),
    0,
  );
  return {
    webhooksAccepted: ingest.accepted,
    webhooksRefused: refused,
    eventsStored: ingest.events,
    eventsUnrecognised: ingest.unrecognised,
    connectedClients: sockets.connectedClients,
    socketsClosedSlow: sockets.closedTooSlow,
    deliveriesInFlight: deliveries.inFlight,
  };
}
