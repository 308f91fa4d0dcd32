import type { FastifyInstance } from "fastify";
import { createAccess, type RecadoAccess } from "../access/index.ts";
import type { Clock } from "../base/clock.ts";
import { systemIds } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import { createSecretBox, type SecretBox } from "../base/secret-box.ts";
import { ConfigError, type Config, type Secrets } from "../config/index.ts";
import { checkHeaders, createDeliverer, generateSecret, type Deliverer } from "../deliver/index.ts";
import { createFanout, type Fanout } from "../fanout/index.ts";
import { createIngest, createInstanceFinder, type Ingest } from "../ingest/index.ts";
import { createEventLogWriter, cursorsOf, type EventLogWriter } from "../log/index.ts";
import { createMedia, type Media } from "../media/index.ts";
import { createOutbound, parseAllowTargets, type Outbound } from "../outbound/index.ts";
import {
  createAdoption,
  createLidLookups,
  createNumberWatch,
  createPairing,
  createServerControls,
  type Adoption,
  type LidLookups,
  type NumberWatch,
  type Pairing,
  type ProviderSockets,
  type ServerControls,
} from "../sources/index.ts";
import type { Store } from "../store/contract/index.ts";
import { version } from "../version.ts";
import { listeningPort } from "./http-server.ts";
import { withSealedHeaders } from "./sealed-headers.ts";
import { hookInPlace } from "./number-facts.ts";
import { createSocketParts } from "./socket-parts.ts";

/** What a gateway is built on. */
export interface Foundation {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly app: FastifyInstance;
  readonly store: Store;
}

/** Every part, built and wired; nothing runs or listens yet. */
export interface Parts extends Foundation {
  readonly secretBox: SecretBox;
  readonly outbound: Outbound;
  readonly access: RecadoAccess;
  readonly writer: EventLogWriter;
  readonly cursorOf: (tenantId: string, offset: number) => string;
  readonly deliverer: Deliverer;
  readonly ingest: Ingest;
  readonly media: Media;
  readonly fanout: Fanout;
  readonly controls: ServerControls;
  readonly adoption: Adoption;
  readonly lidLookups: LidLookups;
  readonly watch: NumberWatch;
  readonly pairing: Pairing;
  readonly sockets: ProviderSockets;
  /** The address under which providers reach us; right once the server listens. */
  publicUrl(): string;
}

type Ways = Pick<Parts, "secretBox" | "outbound" | "access">;

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
): Parameters<typeof createAdoption>[0]["endpointRules"] {
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
  const finder = createInstanceFinder({ directory, clock, ids });
  const ingest = createIngest({
    writer,
    finder,
    secretBox,
    clock,
    logger,
    rates: config.ingestRates,
    media,
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
  const controls = createServerControls({ outbound, secretBox, clock });
  const lidLookups = createLidLookups({ store, tail: writer, controls, clock, logger });
  const watch = createNumberWatch({
    store,
    writer,
    ingest,
    controls,
    clock,
    logger,
    random: () => ids.random(),
    restartFrozen: config.restartFrozen,
    hookInPlace: (scope, id) => hookInPlace(store.records, scope, id),
  });
  const pairing = createPairing({ store, controls, writer, clock, ids, logger });
  const adoption = createAdoption({
    store,
    controls,
    outbound,
    writer,
    endpointRules: endpointRules(outbound, deliverer),
    secretBox,
    clock,
    ids,
    logger,
    publicUrl,
    checkEveryMs: config.webhookCheckMs,
    repair: config.webhookRepair,
    wantsHook: ({ source }) => source !== "socket",
    listed: (scope, numbers) => watch.listed(scope, numbers),
    mayHaveMissed: (gap) => watch.mayHaveMissed(gap),
  });
  const sockets = createSocketParts({ ...base, ...ways, store, adoption, ingest, watch });
  return {
    ...base,
    ...ways,
    store,
    sockets,
    adoption,
    writer,
    cursorOf,
    deliverer,
    ingest,
    media,
    fanout,
    controls,
    lidLookups,
    watch,
    pairing,
    publicUrl,
  };
}
