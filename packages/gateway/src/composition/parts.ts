import { createAccess } from "../access/index.ts";
import { systemIds } from "../base/ids.ts";
import { createSecretBox } from "../base/secret-box.ts";
import { ConfigError } from "../config/index.ts";
import { checkHeaders, createDeliverer, generateSecret, type Deliverer } from "../deliver/index.ts";
import { createFanout, type Fanout } from "../fanout/index.ts";
import { createIngest, createInstanceFinder, type Ingest } from "../ingest/index.ts";
import { createEventLogWriter, cursorsOf, type EventLogWriter } from "../log/index.ts";
import { createMedia, type Media, type ProviderFiles } from "../media/index.ts";
import { createOutbound, parseAllowTargets, type Outbound } from "../outbound/index.ts";
import { createServerControls } from "../sources/index.ts";
import { version } from "../version.ts";
import { createPartsProviderFiles } from "./file-parts.ts";
import { listeningPort } from "./http-server.ts";
import { withSealedHeaders } from "./sealed-headers.ts";
import type { Foundation, Ways } from "./foundation.ts";
import { createSourceParts, type SourceParts } from "./source-parts.ts";

/** Every part, built and wired; nothing runs or listens yet. */
export interface Parts extends Foundation, Ways, SourceParts {
  readonly writer: EventLogWriter;
  readonly cursorOf: (tenantId: string, offset: number) => string;
  readonly deliverer: Deliverer;
  readonly ingest: Ingest;
  readonly media: Media;
  readonly providerFiles: ProviderFiles;
  readonly fanout: Fanout;
  /** The address under which providers reach us; right once the server listens. */
  publicUrl(): string;
}

const ids = systemIds;

function createWays({ clock, config, secrets, store }: Foundation): Ways {
  const targets = parseAllowTargets(config.deliveryAllowTargets);
  if (!targets.ok) throw new ConfigError(`DELIVERY_ALLOW_TARGETS: ${targets.reason}.`);
  const outbound = createOutbound({ allowTargets: config.deliveryAllowTargets, clock });
  const jwks =
    config.jwksUrl === undefined ? {} : { jwks: { url: config.jwksUrl, fetch: outbound.fetch } };
  const access = createAccess({
    directory: store.directory,
    adminKey: secrets.adminKey,
    jwtSecret: secrets.jwtSecret,
    ...jwks,
    clock,
    ids,
  });
  return { outbound, access, secretBox: createSecretBox(secrets.encryptionKey) };
}

/** What adoption may know of deliveries: they are beside it, and meet it here. */
function endpointRules(
  outbound: Outbound,
  deliverer: Deliverer,
): Parameters<typeof createSourceParts>[0]["endpointRules"] {
  return {
    wake: (endpointId) => deliverer.wake(endpointId),
    newSecret: generateSecret,
    mayCarry: (headers) => checkHeaders(headers).ok,
    refusalOf(url, allowPrivate) {
      const verdict = outbound.checkUrl(url, { allowPrivate });
      return verdict.ok ? undefined : verdict.reason;
    },
  };
}

function createPartsMedia(base: Foundation, publicUrl: () => string): Media {
  const { config, secrets } = base;
  return createMedia({
    ...base,
    dataDir: config.dataDir,
    encryptionKey: secrets.encryptionKey,
    publicUrl,
    linkMs: config.mediaLinkMs,
    ...(config.mediaBucket ? { bucket: config.mediaBucket } : {}),
    ...(config.mediaRetentionDays === undefined
      ? {}
      : { retentionDays: config.mediaRetentionDays }),
  });
}

export function createParts(base: Foundation): Parts {
  const { app, clock, config, logger } = base;
  const ways = createWays(base);
  const { access, outbound, secretBox } = ways;
  const store = withSealedHeaders(base.store, secretBox);
  const { directory, log } = store;
  const writer = createEventLogWriter({ log, clock, ids, lateAfterMs: config.lateAfterMs });
  const cursorOf = cursorsOf(log.epoch);
  const publicUrl = (): string =>
    config.publicUrl ?? `http://localhost:${listeningPort(app) ?? config.port}`;
  const media = createPartsMedia(base, publicUrl);
  const present = (tenantId: string, text: string): string => media.present(tenantId, text);
  const deliverer = createDeliverer({
    store,
    files: media,
    outbound,
    secretBox,
    clock,
    ids,
    logger,
    version,
    emit: (scope, event) => writer.appendOwn(scope, event),
  });
  const controls = createServerControls({ outbound, secretBox, clock });
  const providerFiles = createPartsProviderFiles({ ...base, ...ways, store, media, controls });
  const finder = createInstanceFinder({ directory, clock, ids });
  const ingest = createIngest({
    writer,
    finder,
    secretBox,
    clock,
    logger,
    rates: config.ingestRates,
    media,
    links: providerFiles,
  });
  const fanout = createFanout({
    httpServer: app.server,
    access,
    directory,
    tail: writer,
    cursorOf,
    present,
    allowedOrigins: config.allowedOrigins.includes("*") ? "*" : config.allowedOrigins,
    clock,
    logger,
  });
  const sources = createSourceParts({
    ...base,
    ...ways,
    store,
    writer,
    ingest,
    controls,
    publicUrl,
    endpointRules: endpointRules(outbound, deliverer),
  });
  return {
    ...base,
    ...ways,
    store,
    ...sources,
    writer,
    cursorOf,
    deliverer,
    ingest,
    media,
    providerFiles,
    fanout,
    publicUrl,
  };
}
