import { permits, requestCredential, type RecadoAccess } from "../access/index.ts";
import { registerApi } from "../api/index.ts";
import { systemIds } from "../base/ids.ts";
import { RecadoError } from "../base/recado-error.ts";
import { managementRoutes, ownWebhookByAdoption, whatsappWebhooks } from "../compat/index.ts";
import { createMetrics, healthRoutes } from "../health/index.ts";
import { ingestRoutes } from "../ingest/index.ts";
import { mediaRoutes } from "../media/index.ts";
import { version } from "../version.ts";
import { numberFacts } from "./number-facts.ts";
import type { Parts } from "./parts.ts";
import { runtimeStats } from "./runtime-stats.ts";

/** Rejects unless the credential is the operator's. */
async function requireOperator(
  access: RecadoAccess,
  headers: Parameters<typeof requestCredential>[0],
): Promise<void> {
  const principal = await access.authenticate(requestCredential(headers));
  if (!permits(principal, "admin_read")) throw new RecadoError("forbidden");
}

function countStates(
  connections: readonly { readonly state: string }[],
): Readonly<Record<string, number>> {
  const counts = { live: 0, connecting: 0, waiting: 0 };
  for (const { state } of connections) if (state in counts) counts[state as keyof typeof counts]++;
  return counts;
}

function mountHealth(parts: Parts): void {
  const { app, access, clock, deliverer, fanout, ingest, media, sockets, store, watch } = parts;
  const metrics = createMetrics({
    ingest: () => ingest.counters(),
    sockets: () => fanout.stats(),
    deliveries: () => deliverer.stats(),
    numbers: () => watch.counts(),
    store: () => store.health(),
    files: () => media.use(),
    providerSockets: () => countStates(sockets.statuses()),
  });
  healthRoutes(app, {
    notReady: () => store.health().reason,
    async metrics() {
      const { text, contentType } = await metrics();
      return { text: await text(), contentType };
    },
    requireOperator: (headers) => requireOperator(access, headers),
    now: () => clock.now(),
  });
}

function mountManagement(parts: Parts): void {
  const { adoption, controls, store } = parts;
  managementRoutes(parts.app, {
    ...parts,
    ids: systemIds,
    allowedOrigins: parts.config.allowedOrigins,
    own: ownWebhookByAdoption({ adoption, controls, directory: store.directory }),
  });
}

/** Every route of the server: webhooks, documented routes, health, own API. */
export function mountRoutes(parts: Parts, startedAt: number): void {
  const { app, clock, config, deliverer, fanout, ingest, secretBox, store } = parts;
  const { directory } = store;
  const door = { ingest, directory, bodyLimit: config.bodyLimitBytes };
  ingestRoutes(app, door);
  whatsappWebhooks(app, { ...door, secretBox, clock });
  const { media, providerFiles } = parts;
  mediaRoutes(app, { files: media.files, keys: media.keys, providerFiles, clock });
  mountManagement(parts);
  mountHealth(parts);
  registerApi(app, {
    store,
    access: parts.access,
    deliverer,
    outbound: parts.outbound,
    adoption: parts.adoption,
    pairing: parts.pairing,
    watch: numberFacts(parts.watch, store.records, parts.sockets),
    secretBox,
    clock,
    ids: systemIds,
    logger: parts.logger,
    publicUrl: parts.publicUrl,
    cursorOf: parts.cursorOf,
    allowedOrigins: config.allowedOrigins,
    version,
    startedAt,
    instancesChanged: () => parts.sockets.changed(),
    defaultTokenTtlSeconds: config.jwtTtlSeconds,
    present: (tenantId, text) => media.present(tenantId, text),
    completeFiles: (tenantId, text) => providerFiles.complete(tenantId, text),
    notStored: (instanceId) => ingest.notStored(instanceId),
    runtimeStats: () => ({
      ...runtimeStats(ingest.counters(), fanout.stats(), deliverer.stats()),
      mediaFiles: media.use()?.files ?? 0,
      mediaBytes: media.use()?.bytes ?? 0,
      mediaToFetch: providerFiles.stats().waiting,
      mediaFetched: providerFiles.stats().fetched,
      mediaNotHad: providerFiles.stats().failed,
    }),
  });
}
