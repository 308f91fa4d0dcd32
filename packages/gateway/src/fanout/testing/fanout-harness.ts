import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventInstance, WebSocketEventPayload } from "@recado/protocol";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { createAccess, hashCredential, type RecadoAccess } from "../../access/index.ts";
import { systemClock, type Clock } from "../../base/clock.ts";
import { systemIds } from "../../base/ids.ts";
import { createLogger } from "../../base/logger.ts";
import { cursorsOf, type EventTail, type LiveEvent } from "../../log/index.ts";
import type { Store } from "../../store/contract/index.ts";
import { openSqliteStore } from "../../store/sqlite/index.ts";
import { createFanout, type Fanout, type FanoutOptions } from "../index.ts";
import { suporte, vendas } from "./live-event.ts";

/** A tail that says what a test tells it to. */
export class TestTail implements EventTail {
  readonly #listeners = new Set<(events: readonly LiveEvent[]) => void>();

  subscribe(listener: (events: readonly LiveEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(...events: readonly LiveEvent[]): void {
    for (const listener of this.#listeners) listener(events);
  }
}

export const adminKey = "admin-key-of-this-test";
export const jwtSecret = "secret-of-this-test";

export interface Harness {
  readonly url: string;
  readonly fanout: Fanout;
  readonly tail: TestTail;
  readonly store: Store;
  readonly access: RecadoAccess;
  readonly httpServer: Server;
  /** A JWT of a USER of this tenant. */
  token(
    tenantId: string,
    more?: Partial<Parameters<RecadoAccess["issueToken"]>[0]>,
  ): Promise<string>;
  /** A stock client that is connected. */
  connect(options?: Partial<ManagerOptions & SocketOptions>): Promise<Socket>;
  /** A stock client that reads everything of its tenant. */
  connectAs(tenantId: string, options?: Partial<ManagerOptions & SocketOptions>): Promise<Socket>;
  close(): Promise<void>;
}

/** Real HTTP server, store and credentials; tenants `tenant_a` (vendas-2024, suporte) and `tenant_b` (vendas-2024). */
export async function startHarness(
  given: Partial<FanoutOptions> & { readonly clock?: Clock } = {},
): Promise<Harness> {
  const directory = await mkdtemp(join(tmpdir(), "recado-fanout-"));
  const clock = given.clock ?? systemClock;
  const logger = createLogger("silent");
  const store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger,
    newEpoch: () => "epoch1",
  });
  await addTenant(store, "tenant_a", [vendas, suporte]);
  await addTenant(store, "tenant_b", [{ ...vendas, id: "inst_vendas_b" }]);
  const access = createAccess({
    directory: store.directory,
    adminKey,
    jwtSecret,
    clock,
    ids: systemIds,
  });
  const httpServer = createServer((_request, response) => response.writeHead(404).end());
  const tail = new TestTail();
  const fanout = createFanout({
    httpServer,
    access,
    directory: store.directory,
    tail,
    cursorOf: cursorsOf(store.log.epoch),
    allowedOrigins: "*",
    logger,
    clock,
    ...given,
  });
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
  const clients: Socket[] = [];

  async function connect(options: Partial<ManagerOptions & SocketOptions> = {}): Promise<Socket> {
    const socket = io(url, { transports: ["websocket"], forceNew: true, ...options });
    clients.push(socket);
    await once(socket, "connect");
    return socket;
  }

  const token: Harness["token"] = async (tenantId, more = {}) =>
    (
      await access.issueToken({
        tenantId,
        role: "USER",
        userId: "user_1",
        ttlSeconds: 600,
        ...more,
      })
    ).token;

  return {
    url,
    fanout,
    tail,
    store,
    access,
    httpServer,
    token,
    connect,
    async connectAs(tenantId, options = {}) {
      const socket = io(url, {
        transports: ["websocket"],
        forceNew: true,
        auth: { token: await token(tenantId) },
        ...options,
      });
      clients.push(socket);
      await once(socket, "authenticated");
      return socket;
    },
    async close() {
      for (const client of clients) client.disconnect();
      await fanout.close();
      httpServer.closeAllConnections();
      await new Promise((resolve) => httpServer.close(resolve));
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function addTenant(
  store: Store,
  id: string,
  instances: readonly EventInstance[],
): Promise<void> {
  const createdAt = 1;
  await store.directory.createTenant({
    id,
    name: id,
    active: true,
    ingestToken: `in_${id}`,
    createdAt,
  });
  for (const { id: instanceId, name, provider } of instances) {
    await store.directory.createInstance(
      { tenantId: id },
      {
        id: instanceId,
        tenantId: id,
        name,
        providerName: name,
        provider,
        ingestToken: `in_${instanceId}`,
        createdAt,
      },
    );
  }
}

/** An API key of this tenant; answers the key itself. */
export async function addKey(
  store: Store,
  tenantId: string,
  scopes: readonly string[],
): Promise<string> {
  const key = `rk_${systemIds.token(24)}`;
  await store.directory.createKey(
    { tenantId },
    {
      id: systemIds.next("key"),
      tenantId,
      name: key,
      hash: hashCredential(key),
      prefix: key.slice(0, 8),
      scopes,
      createdAt: 1,
    },
  );
  return key;
}

/** The first argument of the next `event`. */
export function once<T = unknown>(socket: Socket, event: string): Promise<T> {
  return new Promise((resolve) => {
    socket.once(event, (value: T) => resolve(value));
  });
}

export interface Heard {
  readonly name: string;
  readonly payload: WebSocketEventPayload<Record<string, unknown>>;
}

/**
 * Everything a client hears from now on. `until` resolves with it once an event satisfies the
 * condition: the last of a series, behind which nothing of the series can come.
 */
export function record(socket: Socket): {
  readonly heard: Heard[];
  until(isLast: (heard: Heard) => boolean): Promise<Heard[]>;
} {
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  socket.onAny((name: string, payload: Heard["payload"]) => {
    heard.push({ name, payload });
    for (const look of waiting) look();
  });
  return {
    heard,
    until(isLast) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!heard.some(isLast)) return;
          waiting.delete(look);
          resolve(heard);
        };
        waiting.add(look);
        look();
      });
    },
  };
}

/** Emits and waits for the acknowledgement. */
export function ask(
  socket: Socket,
  event: string,
  ...args: unknown[]
): Promise<Record<string, unknown>> {
  return socket.emitWithAck(event, ...args) as Promise<Record<string, unknown>>;
}

/** Emits `whatsapp:` offsets only. */
export function offsets(heard: readonly Heard[], name: string): number[] {
  return heard.filter((one) => one.name === name).map((one) => one.payload.offset);
}
