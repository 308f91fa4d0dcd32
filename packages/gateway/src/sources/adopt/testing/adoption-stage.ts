import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderName } from "@recado/protocol";
import Fastify from "fastify";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { systemIds } from "../../../base/ids.ts";
import { createLogger } from "../../../base/logger.ts";
import { createSecretBox, type SecretBox } from "../../../base/secret-box.ts";
import { createIngest, createInstanceFinder, ingestRoutes } from "../../../ingest/index.ts";
import { createEventLogWriter } from "../../../log/index.ts";
import { createOutbound } from "../../../outbound/index.ts";
import type {
  Endpoint,
  Instance,
  ProviderServer,
  Store,
  StoredEvent,
} from "../../../store/contract/index.ts";
import { openSqliteStore } from "../../../store/sqlite/index.ts";
import { createServerControls, type ServerControls } from "../../control/index.ts";
import { createAdoption, type Adoption } from "../adoption.ts";
import type { AdoptionOptions } from "../options.ts";

export const scope = { tenantId: "default" };

/** A real store, the real door over HTTP, and adoptions that a test starts and crashes. */
export interface AdoptionStage {
  readonly store: Store;
  readonly secretBox: SecretBox;
  readonly controls: ServerControls;
  /** Where providers reach the door. */
  readonly publicUrl: string;
  readonly woken: string[];
  readonly logged: string[];
  /** Milliseconds added to the clock. */
  skewMs: number;
  /** An adoption over the store as it is: a second one is what comes after a crash. */
  adoption(change?: Partial<AdoptionOptions>): Adoption;
  register(
    provider: ProviderName,
    baseUrl: string,
    apiKey: string,
    change?: Partial<ProviderServer>,
  ): Promise<ProviderServer>;
  instances(): Promise<readonly Instance[]>;
  instance(name: string): Promise<Instance>;
  endpoints(): Promise<readonly Endpoint[]>;
  events(type?: string): Promise<readonly StoredEvent[]>;
  close(): Promise<void>;
}

async function openDoor(
  store: Store,
  secretBox: SecretBox,
  clock: Clock,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const logger = createLogger("silent");
  const writer = createEventLogWriter({ log: store.log, clock, ids: systemIds });
  const finder = createInstanceFinder({ directory: store.directory, clock, ids: systemIds });
  const ingest = createIngest({ writer, finder, secretBox, clock, logger });
  const app = Fastify();
  ingestRoutes(app, { ingest, directory: store.directory, bodyLimit: 1_048_576 });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      await app.close();
      writer.close();
    },
  };
}

/** Opens a store with the default tenant. */
export async function createAdoptionStage(): Promise<AdoptionStage> {
  const folder = await mkdtemp(join(tmpdir(), "recado-adopt-"));
  const state = { skewMs: 0 };
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + state.skewMs };
  const logged: string[] = [];
  const logger = createLogger("info", { write: (line: string) => void logged.push(line) });
  const store = await openSqliteStore({ directory: folder, clock, logger, newEpoch: () => "e1" });
  const createdAt = clock.now();
  const token = systemIds.token(24);
  const tenant = { id: "default", name: "Default", active: true, createdAt };
  await store.directory.createTenant({ ...tenant, ingestToken: token });
  const secretBox = createSecretBox(new Uint8Array(32).fill(7));
  const door = await openDoor(store, secretBox, clock);
  const outbound = createOutbound();
  // The pacing has tests of its own.
  const limits = { callsPerSecond: 1_000 };
  const controls = createServerControls({ outbound, secretBox, clock, limits });
  const woken: string[] = [];
  const closing: (() => unknown)[] = [];

  return {
    store,
    secretBox,
    controls,
    publicUrl: door.url,
    woken,
    logged,
    get skewMs() {
      return state.skewMs;
    },
    set skewMs(ms) {
      state.skewMs = ms;
    },
    adoption(change = {}) {
      const writer = createEventLogWriter({ log: store.log, clock, ids: systemIds });
      const adoption = createAdoption({
        store,
        controls,
        outbound,
        writer,
        endpointRules: {
          wake: (id) => void woken.push(id),
          newSecret: () => `whsec_${Buffer.alloc(24, 1).toString("base64")}`,
          mayCarry: (headers) =>
            !Object.keys(headers).some((name) => /^(host|cookie)$/i.test(name)),
          refusalOf(url, allowPrivate) {
            const verdict = outbound.checkUrl(url, { allowPrivate });
            return verdict.ok ? undefined : verdict.reason;
          },
        },
        secretBox,
        clock,
        ids: systemIds,
        logger,
        publicUrl: () => door.url,
        checkEveryMs: 0,
        repair: "deaf",
        ...change,
      });
      closing.push(
        () => adoption.stop(),
        () => writer.close(),
      );
      return adoption;
    },
    async register(provider, baseUrl, apiKey, change = {}) {
      const server: ProviderServer = {
        id: systemIds.next("srv"),
        tenantId: scope.tenantId,
        name: `${provider} 1`,
        provider,
        baseUrl,
        apiKey: secretBox.seal(apiKey),
        ingestToken: systemIds.token(24),
        allowPrivate: true,
        createdAt: clock.now(),
        ...change,
      };
      await store.directory.createServer({ tenantId: server.tenantId }, server);
      return server;
    },
    instances: () => store.directory.instances(scope, { limit: 1_000 }),
    async instance(name) {
      const found = await store.directory.instanceByName(scope, name);
      if (!found) throw new Error(`there is no instance ${name}`);
      return found;
    },
    endpoints: () => store.directory.endpoints(scope, { limit: 1_000 }),
    events: (type) =>
      store.log.query(scope, { limit: 1_000, after: 0, ...(type ? { types: [type] } : {}) }),
    async close() {
      for (const close of closing) await close();
      await door.close();
      controls.close();
      await outbound.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
