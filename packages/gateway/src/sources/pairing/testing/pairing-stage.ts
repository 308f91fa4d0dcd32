import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventOf, EventType, ProviderName, RecadoEvent } from "@recado/protocol";
import Fastify from "fastify";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { systemIds } from "../../../base/ids.ts";
import { createLogger } from "../../../base/logger.ts";
import { createSecretBox } from "../../../base/secret-box.ts";
import { createIngest, createInstanceFinder, ingestRoutes } from "../../../ingest/index.ts";
import { createEventLogWriter, type EventLogWriter } from "../../../log/index.ts";
import { createOutbound } from "../../../outbound/index.ts";
import type { Instance, Store } from "../../../store/contract/index.ts";
import { openSqliteStore } from "../../../store/sqlite/index.ts";
import { createServerControls } from "../../control/index.ts";
import { createPairing, type Pairing } from "../index.ts";

/** A gateway's pairing over a real store, a real door for webhooks and the real clients. */
export interface PairingStage extends Omit<Pairing, "close"> {
  readonly store: Store;
  readonly writer: EventLogWriter;
  /** Where the number's webhooks go. */
  ingestUrl(instance: Instance): string;
  /** Makes a tenant, once. */
  addTenant(id: string): Promise<void>;
  /** A number at a provider's server. */
  addInstance(where: NewInstance): Promise<Instance>;
  /** Events of a type so far, in order. */
  events<T extends EventType>(type: T): readonly EventOf<T>[];
  /** Resolves with the first event, of those so far and of those to come, that is looked for. */
  event<T extends EventType>(type: T, fits?: (event: EventOf<T>) => boolean): Promise<EventOf<T>>;
  /** Milliseconds added to what the clock says. */
  skewMs: number;
  readonly logged: string[];
  close(): Promise<void>;
}

export interface NewInstance {
  readonly name: string;
  readonly provider: ProviderName;
  /** Absent: the number belongs to no server. */
  readonly url?: string;
  readonly apiKey?: string;
  readonly tenantId?: string;
}

/** Waits are this much shorter than the real ones; the time of day is the machine's. */
const quicker = 20;

export async function startPairingStage(): Promise<PairingStage> {
  const folder = await mkdtemp(join(tmpdir(), "recado-pairing-"));
  const time = { skewMs: 0 };
  const clock: Clock = {
    now: () => systemClock.now() + time.skewMs,
    monotonic: () => systemClock.monotonic() + time.skewMs,
    after: (ms, run) => systemClock.after(ms / quicker, run),
  };
  const logged: string[] = [];
  const logger = createLogger("debug", { write: (line: string) => void logged.push(line) });
  const ids = systemIds;
  const store = await openSqliteStore({
    directory: folder,
    clock: systemClock,
    logger,
    newEpoch: () => ids.token(9),
  });
  const { directory, log } = store;
  const secretBox = createSecretBox(new Uint8Array(32).fill(7));
  const writer = createEventLogWriter({ log, clock: systemClock, ids });
  const finder = createInstanceFinder({ directory, clock: systemClock, ids });
  const ingest = createIngest({ writer, finder, secretBox, clock: systemClock, logger });
  const app = Fastify({ logger: false });
  ingestRoutes(app, { ingest, directory, bodyLimit: 1_000_000 });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const outbound = createOutbound({ clock: systemClock });
  const controls = createServerControls({ outbound, secretBox, clock: systemClock });
  const pairing = createPairing({ store, controls, writer, clock, ids, logger });
  pairing.start();

  const seen: RecadoEvent[] = [];
  const lookers = new Set<() => void>();
  writer.subscribe((events) => {
    seen.push(...events.map(({ event }) => event));
    for (const look of lookers) look();
  });
  const ofType = <T extends EventType>(type: T): EventOf<T>[] =>
    seen.filter((event) => event.type === type) as unknown as EventOf<T>[];

  async function event<T extends EventType>(
    type: T,
    fits: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    const { promise, resolve } = Promise.withResolvers<EventOf<T>>();
    const look = (): void => {
      const found = ofType(type).find(fits);
      if (found !== undefined) resolve(found);
    };
    lookers.add(look);
    look();
    try {
      return await promise;
    } finally {
      lookers.delete(look);
    }
  }

  async function addTenant(id: string): Promise<void> {
    if ((await directory.tenant(id)) !== undefined) return;
    const ingestToken = ids.token(24);
    await directory.createTenant({ id, name: id, active: true, ingestToken, createdAt: 1 });
  }

  return {
    ...pairing,
    store,
    writer,
    logged,
    get skewMs() {
      return time.skewMs;
    },
    set skewMs(ms) {
      time.skewMs = ms;
    },
    ingestUrl: ({ ingestToken }) => `${address}/in/${ingestToken}`,
    addTenant,
    async addInstance({ name, provider, url, apiKey = "key", tenantId = "default" }) {
      await addTenant(tenantId);
      const scope = { tenantId };
      const server = {
        id: ids.next("srv"),
        tenantId,
        name: ids.next("server"),
        provider,
        baseUrl: url ?? "",
        apiKey: secretBox.seal(apiKey),
        ingestToken: ids.token(24),
        allowPrivate: true,
        createdAt: systemClock.now(),
      };
      if (url !== undefined) await directory.createServer(scope, server);
      const instance: Instance = {
        id: ids.next("ins"),
        tenantId,
        name,
        providerName: name,
        provider,
        ...(url === undefined ? {} : { serverId: server.id }),
        ingestToken: ids.token(24),
        createdAt: systemClock.now(),
      };
      await directory.createInstance(scope, instance);
      return instance;
    },
    events: ofType,
    event,
    async close() {
      pairing.close();
      controls.close();
      await app.close();
      writer.close();
      await outbound.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
