import { systemClock, type Clock } from "./base/clock.ts";
import { systemIds } from "./base/ids.ts";
import type { Logger } from "./base/logger.ts";
import { ensureDefaultTenant } from "./composition/default-tenant.ts";
import { requireSameEncryptionKey } from "./composition/encryption-key.ts";
import { createHttpServer, listenOn, localUrl, stopListening } from "./composition/http-server.ts";
import { mountRoutes } from "./composition/mount-routes.ts";
import { createParts, type Parts } from "./composition/parts.ts";
import type { Config, Secrets } from "./config/index.ts";
import { startRetention } from "./log/index.ts";
import type { Store } from "./store/contract/index.ts";
import { openSqliteStore } from "./store/sqlite/index.ts";
import { version } from "./version.ts";

/**
 * The gateway as a whole: the only place, with `composition/`, that knows every part, and the order in
 * which they start and stop.
 *
 * I1 Nothing listens before the store is open, and nothing is acknowledged after it failed.
 * I2 `close` stops taking, finishes what was taken, then lets go of the store: no acknowledged
 *    webhook and no recorded attempt is lost by stopping.
 * Proven by `e2e/first-event.test.ts`, `e2e/crash.test.ts` and `e2e/stop.test.ts`.
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
  /** What time it is, for everything that is not the operating system's. Default: the machine's clock. */
  readonly clock?: Clock;
}

async function shutDown(parts: Parts, stopRetention: () => Promise<void>): Promise<void> {
  await parts.fanout.close();
  // Whoever follows a pairing is answered, so that the server can stop.
  parts.pairing.close();
  // Calls that wait for a provider server are refused, so that nobody waits for them.
  parts.controls.close();
  // What came over the providers' sockets is stored while the store is at work.
  await parts.sockets.stop();
  // Together: each may wait for others. What is stored meanwhile goes out after the next start.
  await Promise.all([stopListening(parts.app), parts.deliverer.stop()]);
  await stopRetention();
  await Promise.all([parts.watch.stop(), parts.adoption.stop(), parts.lidLookups.stop()]);
  await parts.providerFiles.stop();
  await parts.media.stop();
  parts.writer.close();
  await parts.outbound.close();
  await parts.store.close();
  parts.logger.info("stopped");
}

/** Opens the store and builds every part; does not listen yet. Rejects with the store closed again. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, logger, clock = systemClock } = options;
  const startedAt = clock.now();
  const store = await openSqliteStore({
    directory: config.dataDir,
    clock,
    logger,
    newEpoch: () => systemIds.token(9),
    textSearch: config.textSearch,
  });
  try {
    return await gatewayOn(store, startedAt, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function gatewayOn(
  store: Store,
  startedAt: number,
  options: GatewayOptions,
): Promise<Gateway> {
  const { config, logger, clock = systemClock } = options;
  const tenant = await ensureDefaultTenant(store, clock, systemIds);
  const app = createHttpServer(config.requestTimeoutMs, logger);
  const parts = createParts({ ...options, clock, app, store });
  await requireSameEncryptionKey(store.directory, parts.secretBox);
  await parts.media.open();
  mountRoutes(parts, startedAt);
  const { retentionDays, retentionMaxBytes, coldAfterMs } = config;
  const stopRetention = startRetention({
    store,
    clock,
    logger,
    retentionDays,
    coldAfterMs,
    ...(retentionMaxBytes === undefined ? {} : { maxBytes: retentionMaxBytes }),
  });

  let closing: Promise<void> | undefined;
  return {
    logger,
    failed: store.failed,
    async listen() {
      await parts.providerFiles.start();
      await listenOn(app, config.host, config.port);
      await parts.deliverer.start();
      await parts.watch.start();
      parts.lidLookups.start();
      parts.media.start();
      parts.pairing.start();
      parts.sockets.start();
      await parts.adoption.start({ tenantId: tenant.id }, config.providerServers);
      const url = localUrl(app, config.host);
      logger.info({ url, version, startMs: clock.now() - startedAt }, "ready");
      return url;
    },
    welcome: () => {
      const url = parts.publicUrl();
      return Promise.resolve({ url, ingestUrl: `${url}/in/${tenant.ingestToken}` });
    },
    close: () => (closing ??= shutDown(parts, stopRetention)),
  };
}
