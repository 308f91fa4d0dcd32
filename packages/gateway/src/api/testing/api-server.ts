import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from "fastify";
import { createAccess, newTenantKey, type RecadoAccess } from "../../access/index.ts";
import { systemClock, type Clock } from "../../base/clock.ts";
import { systemIds } from "../../base/ids.ts";
import { createLogger } from "../../base/logger.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { createIngest, createInstanceFinder } from "../../ingest/index.ts";
import { createEventLogWriter } from "../../log/index.ts";
import { createAdoption, createNumberWatch, createServerControls } from "../../sources/index.ts";
import { cursorsOf } from "../../log/cursor-of.ts";
import { createOutbound } from "../../outbound/index.ts";
import type { NewEvent, Store, StoredEvent } from "../../store/contract/index.ts";
import { openSqliteStore } from "../../store/sqlite/index.ts";
import {
  registerApi,
  serverOptions,
  useErrorForm,
  type ApiOptions,
  type DelivererActions,
} from "../index.ts";
import { pairingOver } from "./pairing-over.ts";

export const adminKey = "rka_the-operators-key-of-these-tests";
export const jwtSecret = "a secret for tokens in these tests";
export const publicUrl = "https://recado.example.com";

/** The API over a real store, without a port. */
export interface ApiServer {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly access: RecadoAccess;
  readonly options: ApiOptions;
  readonly routes: readonly { readonly method: string; readonly url: string }[];
  /** Endpoints that the deliverer was told to look at again. */
  readonly woken: (string | undefined)[];
  /** What was logged, as JSON lines. */
  readonly logged: string[];
  /** Milliseconds added to the clock. */
  skewMs: number;
  call(method: string, path: string, options?: CallOptions): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export interface CallOptions {
  /** Key or token; the admin key when left out, none when null. */
  readonly as?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Looks after the store's numbers; the servers that it could ask have no address. */
function watchOver(
  base: Pick<ApiOptions, "store" | "clock" | "ids" | "logger" | "secretBox">,
): ApiOptions["watch"] & Pick<ApiOptions, "adoption"> & { stop(): Promise<void> } {
  const { store, clock, ids, logger, secretBox } = base;
  const writer = createEventLogWriter({ log: store.log, clock, ids });
  const finder = createInstanceFinder({ directory: store.directory, clock, ids });
  const outbound = createOutbound({
    clock,
    resolve: () => Promise.reject(new Error("names have no address in these tests")),
  });
  const controls = createServerControls({ outbound, secretBox, clock });
  const watch = createNumberWatch({
    store,
    writer,
    ingest: createIngest({ writer, finder, secretBox, clock, logger }),
    controls,
    clock,
    logger,
    random: () => ids.random(),
  });
  const adoption = createAdoption({
    store,
    controls,
    outbound,
    writer,
    endpointRules: {
      wake: () => undefined,
      newSecret: () => "whsec_none",
      mayCarry: () => true,
      refusalOf: () => undefined,
    },
    secretBox,
    clock,
    ids,
    logger,
    publicUrl: () => publicUrl,
    checkEveryMs: 0,
    repair: "off",
  });
  return {
    // Nothing is adopted unless a test says so: it would change what it looks at.
    adoption: { ...adoption, serverChanged: () => undefined },
    health: (scope, id) => watch.health(scope, id),
    stateOf: (id) => watch.stateOf(id),
    reconcile: (scope, id, since) => watch.reconcile(scope, id, since),
    more: () => Promise.resolve({}),
    async stop() {
      controls.close();
      await adoption.stop();
      await watch.stop();
      writer.close();
      await outbound.close();
    },
  };
}

/** Starts the API with the default tenant. */
export async function startApi(change: Partial<ApiOptions> = {}): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), "recado-api-"));
  const state = { skewMs: 0 };
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + state.skewMs,
    monotonic: () => systemClock.monotonic() + state.skewMs,
  };
  const logged: string[] = [];
  const logger = createLogger("info", { write: (line: string) => void logged.push(line) });
  const store = await openSqliteStore({
    directory: folder,
    clock,
    logger,
    newEpoch: () => systemIds.token(9),
  });
  await store.directory.createTenant({
    id: "default",
    name: "Default",
    active: true,
    ingestToken: systemIds.token(24),
    createdAt: clock.now(),
  });
  const access = createAccess({
    directory: store.directory,
    adminKey,
    jwtSecret,
    clock,
    ids: systemIds,
  });
  const outbound = createOutbound({ clock });
  const woken: (string | undefined)[] = [];
  const deliverer: DelivererActions = {
    wake: (endpointId) => void woken.push(endpointId),
    sendTest: async () => ({
      startedAt: clock.now(),
      durationMs: 3,
      outcome: "succeeded",
      statusCode: 204,
    }),
  };
  const secretBox = createSecretBox(new Uint8Array(32).fill(7));
  const watch = watchOver({ store, clock, ids: systemIds, logger, secretBox });
  const pairing = pairingOver({ store, clock, ids: systemIds, logger, secretBox });
  const options: ApiOptions = {
    store,
    pairing,
    watch,
    adoption: watch.adoption,
    access,
    deliverer,
    outbound,
    secretBox,
    clock,
    ids: systemIds,
    logger,
    publicUrl: () => publicUrl,
    cursorOf: cursorsOf(store.log.epoch),
    allowedOrigins: ["*"],
    version: "0.0.0-test",
    startedAt: clock.now(),
    defaultTokenTtlSeconds: 3_600,
    notStored: () => ({ coalesced: 2, shed: 1 }),
    runtimeStats: () => ({ connectedClients: 0 }),
    ...change,
  };
  const app = Fastify({ ...serverOptions(logger), logger: false, bodyLimit: 1_048_576 });
  useErrorForm(app, { language: "pt", logger });
  const routes: { method: string; url: string }[] = [];
  app.addHook("onRoute", ({ method, url }) => void routes.push({ method: String(method), url }));
  registerApi(app, options);
  await app.ready();
  return {
    app,
    store,
    access,
    options,
    routes,
    woken,
    logged,
    get skewMs() {
      return state.skewMs;
    },
    set skewMs(ms) {
      state.skewMs = ms;
    },
    async call(method, path, { as = adminKey, body, headers = {} } = {}) {
      return app.inject({
        method: method as "GET",
        url: path.startsWith("/api") ? path : `/api/v1${path}`,
        headers: { ...(as === null ? {} : { authorization: `Bearer ${as}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
    },
    async close() {
      await app.close();
      await pairing.stop();
      await watch.stop();
      await outbound.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a tenant with a key that may do everything in it. */
export async function tenantWithKey(
  server: ApiServer,
  id: string,
  scopes = ["read", "write"],
): Promise<string> {
  const { directory } = server.store;
  if (!(await directory.tenant(id))) {
    await directory.createTenant({
      id,
      name: id,
      active: true,
      ingestToken: systemIds.token(24),
      createdAt: server.options.clock.now(),
    });
  }
  const { key, hash, prefix } = newTenantKey(systemIds);
  await directory.createKey(
    { tenantId: id },
    {
      id: systemIds.next("key"),
      tenantId: id,
      name: prefix,
      hash,
      prefix,
      scopes,
      createdAt: server.options.clock.now(),
    },
  );
  return key;
}

export interface SampleEvent {
  readonly tenantId?: string;
  readonly instanceId?: string;
  readonly type?: string;
  readonly chatId?: string;
  readonly phone?: string;
  readonly messageId?: string;
  readonly fromMe?: boolean;
  readonly receivedAt?: number;
  readonly data?: object;
  readonly raw?: string;
}

/** Stores an event as ingest does. */
export async function appendEvent(
  server: ApiServer,
  sample: SampleEvent = {},
): Promise<StoredEvent> {
  const {
    tenantId = "default",
    type = "message.received",
    receivedAt = server.options.clock.now(),
    raw,
    data,
  } = sample;
  const id = systemIds.next("evt");
  const time = new Date(receivedAt).toISOString();
  const envelope = {
    id,
    type,
    tenantId,
    ...(sample.instanceId
      ? { instance: { id: sample.instanceId, name: "loja", provider: "evolution" } }
      : {}),
    ...(sample.chatId ? { chat: { id: sample.chatId, kind: "person" } } : {}),
    occurredAt: time,
    receivedAt: time,
    data: data ?? {
      messageId: sample.messageId ?? "M1",
      content: { kind: "text", text: "olá 👋🏽" },
    },
  };
  const event: NewEvent = {
    id,
    type,
    ...(sample.instanceId !== undefined ? { instanceId: sample.instanceId } : {}),
    ...(sample.chatId !== undefined ? { chatId: sample.chatId } : {}),
    ...(sample.phone !== undefined ? { phone: sample.phone } : {}),
    ...(sample.messageId !== undefined ? { messageId: sample.messageId } : {}),
    ...(sample.fromMe !== undefined ? { fromMe: sample.fromMe } : {}),
    unrecognised: type === "provider.event",
    occurredAt: receivedAt,
    receivedAt,
    json: JSON.stringify(envelope),
    index: 0,
    identity: { key: id, contentMissing: false, bodyHash: id, source: "test" },
  };
  const body = { text: raw ?? '{"event":"messages.upsert"}', meta: { headers: {} } };
  const [outcome] = await server.store.log.append({ tenantId }, { body, events: [event] });
  if (outcome?.kind !== "appended") throw new Error("the sample was not stored");
  return outcome.event;
}
