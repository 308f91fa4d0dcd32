import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import type { ProviderName, RecadoEvent } from "@recado/protocol";
import {
  createRandom,
  startFakeEvolution,
  startFakeWaha,
  type FakeEvolution,
  type FakeWaha,
} from "@recado/simulator";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { systemIds } from "../../../base/ids.ts";
import { createLogger } from "../../../base/logger.ts";
import { createSecretBox } from "../../../base/secret-box.ts";
import { createIngest, createInstanceFinder, ingestRoutes } from "../../../ingest/index.ts";
import { createEventLogWriter, type EventLogWriter } from "../../../log/index.ts";
import { createOutbound } from "../../../outbound/index.ts";
import type { Instance, ProviderServer, Store, Tenant } from "../../../store/contract/index.ts";
import { openSqliteStore } from "../../../store/sqlite/index.ts";
import { createServerControls } from "../../control/index.ts";
import { createNumberWatch, type NumberWatch, type NumberWatchOptions } from "../watch.ts";
import { ManualClock } from "./manual-clock.ts";

export const scope = { tenantId: "acme" };
const tenant: Tenant = {
  id: scope.tenantId,
  name: "Acme",
  active: true,
  ingestToken: "tenant-token",
  createdAt: 1,
};

/** A real store, door, outgoing client and watch; time moves when a test says so. */
export interface WatchStage {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly writer: EventLogWriter;
  /** Events in the order of the log. */
  events(type?: string): Promise<readonly RecadoEvent[]>;
  /** An Evolution whose clock is the stage's, with its numbers adopted: server, instances, webhooks. */
  evolution(names: readonly string[]): Promise<FakeEvolution>;
  /** The same with a WAHA on NOWEB, which keeps its messages. */
  waha(names: readonly string[]): Promise<FakeWaha>;
  instance(name: string): Promise<Instance>;
  addServer(provider: ProviderName, url: string, apiKey: string): Promise<ProviderServer>;
  addInstance(name: string, provider: ProviderName, serverId?: string): Promise<Instance>;
  /** Where a provider sends the instance's webhooks. */
  ingestUrl(instance: Instance): string;
  /** Starts a watch; one that runs must be stopped before. */
  watch(options?: Partial<NumberWatchOptions>): Promise<NumberWatch>;
  /** Stops the watch; time goes on meanwhile, since calls that wait do so by the stage's clock. */
  stop(): Promise<void>;
  /** The watch ends without writing anything down, as in a crash. */
  crash(): void;
  /** Moves the clock in steps of five seconds until the condition holds; fails after `withinMs`. */
  forwardUntil(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What is on its way through sockets and the disk arrives before the clock goes on. */
async function settle(underWay: () => number): Promise<void> {
  for (let quiet = 0; quiet < 15;) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = underWay() === 0 ? quiet + 1 : 0;
  }
}

/** Calls that have not settled yet, of everything that was given to it. */
class UnderWay {
  count = 0;

  async #end(result: Promise<unknown>): Promise<void> {
    await Promise.allSettled([result]);
    this.count--;
  }

  /** The same object, its calls counted. */
  counted<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (from, name) => {
        const member: unknown = Reflect.get(from, name);
        if (typeof member !== "function") return member;
        return (...parameters: unknown[]): unknown => {
          const result: unknown = Reflect.apply(member, from, parameters);
          if (result instanceof Promise) {
            this.count++;
            void this.#end(result);
          }
          return result;
        };
      },
    });
  }
}

export async function createWatchStage(): Promise<WatchStage> {
  const clock = new ManualClock();
  const directory = await mkdtemp(join(tmpdir(), "recado-watch-"));
  const logger = createLogger("silent");
  const newEpoch = (): string => "epoch1";
  const opened = await openSqliteStore({ directory, clock: systemClock, logger, newEpoch });
  const underWay = new UnderWay();
  const store: Store = {
    log: underWay.counted(opened.log),
    people: opened.people,
    records: underWay.counted(opened.records),
    directory: underWay.counted(opened.directory),
    deliveries: opened.deliveries,
    views: opened.views,
    failed: opened.failed,
    health: () => opened.health(),
    close: () => opened.close(),
  };
  await store.directory.createTenant(tenant);
  const secretBox = createSecretBox(Buffer.alloc(32, 7));
  const writer = createEventLogWriter({ log: store.log, clock, ids: systemIds });
  const finder = createInstanceFinder({ directory: store.directory, clock, ids: systemIds });
  const ingest = createIngest({ writer, finder, secretBox, clock, logger });
  const outbound = createOutbound();
  const controls = createServerControls({
    outbound: underWay.counted(outbound),
    secretBox,
    clock,
  });
  const app = Fastify();
  app.addHook("onRequest", async () => void underWay.count++);
  app.addHook("onResponse", async () => void underWay.count--);
  ingestRoutes(app, { ingest, directory: store.directory, bodyLimit: 10_000_000 });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const closing: (() => Promise<void>)[] = [];
  let running: NumberWatch | undefined;

  const stage: WatchStage = {
    clock,
    store,
    writer,
    async events(type) {
      const all: RecadoEvent[] = [];
      for (;;) {
        const page = await store.log.readAfter(scope, all.length, 1_000);
        all.push(...page.map(({ json }) => JSON.parse(json) as RecadoEvent));
        if (page.length < 1_000) break;
      }
      return all.filter((event) => type === undefined || event.type === type);
    },
    async evolution(names) {
      // Retries and answers take real time, what happens has the stage's.
      const time: Clock = { ...systemClock, now: () => clock.now() };
      const server = await startFakeEvolution({
        apikey: "global-key",
        clock: time,
        random: createRandom("watch"),
        instances: names.map((name, index) => ({
          name,
          owner: `55119000000${10 + index}@s.whatsapp.net`,
          profileName: name,
        })),
      });
      closing.push(() => server.close());
      const { id } = await stage.addServer("evolution", server.url, "global-key");
      for (const name of names) {
        const instance = await stage.addInstance(name, "evolution", id);
        server.setWebhook(name, { enabled: true, url: stage.ingestUrl(instance), events: [] });
      }
      return server;
    },
    async waha(names) {
      const time: Clock = { ...systemClock, now: () => clock.now() };
      const instances = await Promise.all(names.map((name) => stage.addInstance(name, "waha")));
      const server = await startFakeWaha({
        apiKey: "waha-key",
        clock: time,
        random: createRandom("watch"),
        sessions: instances.map((instance, index) => ({
          name: instance.name,
          me: { id: `55119000001${10 + index}@c.us`, pushName: instance.name },
          config: {
            noweb: { store: { enabled: true } },
            webhooks: [{ url: stage.ingestUrl(instance), events: ["*"] }],
          },
        })),
      });
      closing.push(() => server.close());
      const { id } = await stage.addServer("waha", server.url, "waha-key");
      for (const instance of instances) {
        await store.directory.updateInstance(scope, instance.id, { serverId: id });
      }
      return server;
    },
    async instance(name) {
      const found = await store.directory.instanceByName(scope, name);
      if (!found) throw new Error(`there is no instance "${name}"`);
      return found;
    },
    async addServer(provider, baseUrl, apiKey) {
      const server: ProviderServer = {
        id: systemIds.next("srv"),
        tenantId: tenant.id,
        name: baseUrl,
        provider,
        baseUrl,
        apiKey: secretBox.seal(apiKey),
        ingestToken: systemIds.token(8),
        allowPrivate: true,
        createdAt: clock.now(),
      };
      await store.directory.createServer(scope, server);
      return server;
    },
    async addInstance(name, provider, serverId) {
      const instance: Instance = {
        id: systemIds.next("ins"),
        tenantId: tenant.id,
        name,
        providerName: name,
        provider,
        ...(serverId === undefined ? {} : { serverId }),
        ingestToken: systemIds.token(8),
        createdAt: clock.now() - 30 * 86_400_000,
      };
      await store.directory.createInstance(scope, instance);
      return instance;
    },
    ingestUrl: ({ ingestToken }) => `${address}/in/${ingestToken}`,
    async watch(options = {}) {
      running = createNumberWatch({
        store,
        writer,
        ingest,
        controls,
        clock,
        logger,
        random: () => 0,
        ...options,
      });
      await running.start();
      return running;
    },
    async stop() {
      let isStopped = false;
      const stopping = running?.stop().finally(() => (isStopped = true));
      while (stopping && !isStopped) {
        await settle(() => underWay.count);
        clock.forward(5_000);
      }
      await stopping;
      running = undefined;
    },
    crash() {
      running = undefined;
      clock.dropTimers();
    },
    async forwardUntil(condition, withinMs) {
      const end = clock.now() + withinMs;
      for (;;) {
        await settle(() => underWay.count);
        if (await condition()) return;
        if (clock.now() >= end) throw new Error("what was waited for did not happen in its time");
        clock.forward(5_000);
      }
    },
    async close() {
      controls.close();
      await stage.stop();
      for (const end of closing) await end();
      await app.close();
      await outbound.close();
      writer.close();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return stage;
}
