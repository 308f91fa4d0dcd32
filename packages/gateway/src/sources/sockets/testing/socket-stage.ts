import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { ProviderName, RecadoEvent } from "@recado/protocol";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { systemIds } from "../../../base/ids.ts";
import { createLogger } from "../../../base/logger.ts";
import { createSecretBox } from "../../../base/secret-box.ts";
import { createIngest, createInstanceFinder, type Ingest } from "../../../ingest/index.ts";
import { createEventLogWriter } from "../../../log/index.ts";
import { createOutbound } from "../../../outbound/index.ts";
import type { Instance, ProviderServer, Store, Tenant } from "../../../store/contract/index.ts";
import { openSqliteStore } from "../../../store/sqlite/index.ts";
import {
  createProviderSockets,
  type ProviderSockets,
  type ProviderSocketsOptions,
  type SocketGap,
  type SocketStatus,
} from "../index.ts";

/** A hundred times as fast: nothing in a test waits for seconds. */
const hurried: Clock = {
  ...systemClock,
  after: (ms, run) => systemClock.after(ms / 100, run),
};

/** The sockets over a real store, the real door and the real outgoing client. */
export interface SocketStage {
  readonly store: Store;
  readonly sockets: ProviderSockets;
  readonly ingest: Ingest;
  readonly gaps: SocketGap[];
  /** What was done to webhooks: `remove ins_…`. */
  readonly hooks: string[];
  /** Whether changing webhooks fails. */
  hookFailure: Error | undefined;
  /** Everything that was logged, every level. */
  readonly logged: string[];
  /** Where a provider sends webhooks; they are kept until they are brought to the door. */
  readonly hookUrl: string;
  readonly received: Buffer[];
  /** Brings what was received to the door, as the webhook of this instance. */
  deliver(instance: Instance): Promise<void>;
  /** Frames of sockets wait in front of the door until `open`. */
  hold(): void;
  open(): void;
  tenant(id?: string): Promise<Tenant>;
  server(
    provider: ProviderName,
    baseUrl: string,
    apiKey: string,
    change?: Partial<ProviderServer>,
  ): Promise<ProviderServer>;
  instance(server: ProviderServer, name: string, change?: Partial<Instance>): Promise<Instance>;
  seal(key: string): string;
  events(tenantId?: string): Promise<readonly RecadoEvent[]>;
  /** The status of the only connection. */
  status(): SocketStatus;
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
  live(): Promise<void>;
  close(): Promise<void>;
}

export async function createSocketStage(
  change: Partial<ProviderSocketsOptions> = {},
): Promise<SocketStage> {
  const folder = await mkdtemp(join(tmpdir(), "recado-sockets-"));
  const logged: string[] = [];
  const logger = createLogger("trace", { write: (line: string) => void logged.push(line) });
  const clock = systemClock;
  const store = await openSqliteStore({ directory: folder, clock, logger, newEpoch: () => "e" });
  const { directory, log, records } = store;
  const secretBox = createSecretBox(Buffer.alloc(32, 7));
  const writer = createEventLogWriter({ log, clock, ids: systemIds });
  const finder = createInstanceFinder({ directory, clock, ids: systemIds });
  const ingest = createIngest({ writer, finder, secretBox, clock, logger });
  const outbound = createOutbound();
  const gaps: SocketGap[] = [];
  const hooks: string[] = [];
  const received: Buffer[] = [];
  let gate: Promise<void> = Promise.resolve();
  let openGate: () => void = () => undefined;
  const act = (word: string) => (_scope: unknown, instance: Instance) => {
    hooks.push(`${word} ${instance.id}`);
    return stage.hookFailure ? Promise.reject(stage.hookFailure) : Promise.resolve();
  };
  const sockets = createProviderSockets({
    directory,
    records,
    ingest: {
      async receive(webhook) {
        await gate;
        return ingest.receive(webhook);
      },
    },
    outbound,
    secretBox,
    hooks: { remove: act("remove"), install: act("install") },
    clock: hurried,
    // The shortest waits.
    random: () => 0,
    logger,
    onGap: (gap) => gaps.push(gap),
    ...change,
  });
  const receiver = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push(body);
      response.end();
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  const made = { tenants: new Map<string, Tenant>() };

  async function tenant(id = "acme"): Promise<Tenant> {
    const known = made.tenants.get(id);
    if (known) return known;
    const fresh = { id, name: id, active: true, ingestToken: `token-${id}`, createdAt: 1 };
    made.tenants.set(id, fresh);
    await directory.createTenant(fresh);
    return fresh;
  }

  const stage: SocketStage = {
    store,
    sockets,
    ingest,
    gaps,
    hooks,
    hookFailure: undefined,
    logged,
    hookUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`,
    received,
    async deliver(instance) {
      const owner = await tenant(instance.tenantId);
      for (const bytes of received.splice(0)) {
        const headers = { "content-type": "application/json" };
        await ingest.receive({
          target: { kind: "instance", tenant: owner, instance },
          headers,
          bytes,
        });
      }
    },
    hold() {
      gate = new Promise((resolve) => (openGate = resolve));
    },
    open: () => openGate(),
    tenant,
    async server(provider, baseUrl, apiKey, more = {}) {
      const { id: tenantId } = await tenant(more.tenantId);
      const server: ProviderServer = {
        id: systemIds.next("srv"),
        tenantId,
        name: systemIds.token(6),
        provider,
        baseUrl,
        apiKey: secretBox.seal(apiKey),
        ingestToken: systemIds.token(12),
        allowPrivate: true,
        createdAt: clock.now(),
        ...more,
      };
      await directory.createServer({ tenantId }, server);
      return server;
    },
    async instance({ id: serverId, tenantId, provider }, name, more = {}) {
      const instance: Instance = {
        id: systemIds.next("ins"),
        tenantId,
        name,
        providerName: name,
        provider,
        serverId,
        source: "both",
        ingestToken: systemIds.token(12),
        createdAt: clock.now(),
        ...more,
      };
      await directory.createInstance({ tenantId }, instance);
      return instance;
    },
    seal: (key) => secretBox.seal(key),
    async events(tenantId = "acme") {
      const rows = await log.readAfter({ tenantId }, 0, 1_000);
      return rows.map(({ json }) => JSON.parse(json) as RecadoEvent);
    },
    status() {
      const [only, ...others] = sockets.statuses();
      if (only === undefined || others.length > 0)
        throw new Error(`${others.length + (only ? 1 : 0)} connections`);
      return only;
    },
    async until(condition) {
      while (!(await condition())) await new Promise((turn) => setTimeout(turn, 2));
    },
    live: () =>
      stage.until(
        () =>
          sockets.statuses().length > 0 &&
          sockets.statuses().every(({ state }) => state === "live"),
      ),
    async close() {
      stage.open();
      await sockets.stop();
      writer.close();
      await outbound.close();
      await store.close();
      receiver.closeAllConnections();
      await new Promise((closed) => receiver.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}
