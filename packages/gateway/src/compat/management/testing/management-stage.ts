import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  startFakeEvolution,
  startFakeWaha,
  type FakeEvolution,
  type FakeWaha,
} from "@recado/simulator";
import Fastify from "fastify";
import { createAccess, newTenantKey, type Role } from "../../../access/index.ts";
import { serverOptions, useErrorForm } from "../../../api/index.ts";
import { systemClock } from "../../../base/clock.ts";
import { systemIds } from "../../../base/ids.ts";
import { createLogger } from "../../../base/logger.ts";
import { createSecretBox } from "../../../base/secret-box.ts";
import { createDeliverer } from "../../../deliver/index.ts";
import { createIngest, createInstanceFinder, ingestRoutes } from "../../../ingest/index.ts";
import { createEventLogWriter } from "../../../log/index.ts";
import { createOutbound } from "../../../outbound/index.ts";
import { createAdoption, type Adoption } from "../../../sources/adopt/index.ts";
import { createServerControls, type ServerControls } from "../../../sources/index.ts";
import type { Instance, Store } from "../../../store/contract/index.ts";
import { openSqliteStore } from "../../../store/sqlite/index.ts";
import { checkHeaders } from "../../../deliver/header-policy.ts";
import { generateSecret } from "../../../deliver/signing.ts";
import { ownWebhookByAdoption } from "../configured/own-webhook-by-adoption.ts";
import { managementRoutes } from "../index.ts";

export const adminKey = "rka_the-operators-key-of-these-tests";
export const evolutionKey = "evolution-key-0123456789";
export const wahaKey = "waha-key-0123456789";
const jwtSecret = "a secret for tokens in these tests";

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

export interface CallOptions {
  /** Key or token; the admin key when left out, none when null. */
  readonly as?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The documented routes on a port, with a store, a deliverer, the ingest door, an Evolution and a WAHA. */
export interface ManagementStage {
  readonly url: string;
  readonly store: Store;
  readonly evolution: FakeEvolution;
  readonly waha: FakeWaha;
  readonly adoption: Adoption;
  readonly controls: ServerControls;
  readonly logged: readonly string[];
  /** A path below `/api`. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  token(claims: {
    role: Role;
    tenantId?: string | undefined;
    instances?: readonly string[];
  }): Promise<string>;
  tenantKey(tenantId: string): Promise<string>;
  instance(name: string): Promise<Instance>;
  /** The ingest address of an instance. */
  addressOf(name: string): Promise<string>;
  endpoints(): ReturnType<Store["directory"]["endpoints"]>;
  close(): Promise<void>;
}

const scope = { tenantId: "default" };

async function register(store: Store, evolutionUrl: string, wahaUrl: string): Promise<void> {
  const { directory } = store;
  const box = createSecretBox(Buffer.alloc(32, 7));
  const common = { ...scope, allowPrivate: true, createdAt: systemClock.now() };
  const servers = [
    { id: "srv_e", name: "evo", provider: "evolution", baseUrl: evolutionUrl, key: evolutionKey },
    { id: "srv_w", name: "waha", provider: "waha", baseUrl: wahaUrl, key: wahaKey },
  ] as const;
  for (const { key, ...server } of servers) {
    await directory.createServer(scope, {
      ...common,
      ...server,
      apiKey: box.seal(key),
      ingestToken: systemIds.token(24),
    });
  }
  const instances = [
    ["vendas", "vendas", "evolution", "srv_e"],
    ["events", "events", "evolution", "srv_e"],
    ["suporte", "suporte", "waha", "srv_w"],
    ["vendas@waha", "vendas", "waha", "srv_w"],
    ["sem servidor", "sem servidor", "waha", "srv_gone"],
  ] as const;
  for (const [name, providerName, provider, serverId] of instances) {
    await directory.createInstance(scope, {
      ...scope,
      id: systemIds.next("ins"),
      name,
      providerName,
      provider,
      serverId,
      ingestToken: systemIds.token(24),
      createdAt: systemClock.now(),
    });
  }
}

export async function startManagement(): Promise<ManagementStage> {
  const folder = await mkdtemp(join(tmpdir(), "recado-management-"));
  const logged: string[] = [];
  const logger = createLogger("info", { write: (line: string) => void logged.push(line) });
  const clock = systemClock;
  const ids = systemIds;
  const store = await openSqliteStore({
    directory: folder,
    clock,
    logger,
    newEpoch: () => ids.token(9),
  });
  for (const id of ["default", "acme"]) {
    await store.directory.createTenant({
      id,
      name: id,
      active: true,
      ingestToken: ids.token(24),
      createdAt: clock.now(),
    });
  }
  const { directory } = store;
  const evolution = await startFakeEvolution({
    apikey: evolutionKey,
    instances: [{ name: "vendas", owner: "5511900000100@s.whatsapp.net" }, { name: "events" }],
  });
  const waha = await startFakeWaha({
    apiKey: wahaKey,
    sessions: [{ name: "suporte", me: { id: "5511900000101@c.us" } }, { name: "vendas" }],
  });
  await register(store, evolution.url, waha.url);
  const access = createAccess({ directory, adminKey, jwtSecret, clock, ids });
  const outbound = createOutbound({ clock });
  const secretBox = createSecretBox(Buffer.alloc(32, 7));
  const writer = createEventLogWriter({ log: store.log, clock, ids });
  const deliverer = createDeliverer({
    store,
    outbound,
    secretBox,
    clock,
    ids,
    logger,
    version: "0.0.0",
    emit: (owner, event) => writer.appendOwn(owner, event),
  });
  const finder = createInstanceFinder({ directory, clock, ids });
  const ingest = createIngest({ writer, finder, secretBox, clock, logger });
  const controls = createServerControls({ outbound, secretBox, clock });
  const app = Fastify({ ...serverOptions(logger), logger: false });
  useErrorForm(app, { language: "pt", logger });
  const port = (): number => (app.server.address() as AddressInfo).port;
  const publicUrl = (): string => `http://127.0.0.1:${port()}`;
  ingestRoutes(app, { ingest, directory, bodyLimit: 1_048_576 });
  const adoption = createAdoption({
    store,
    controls,
    outbound,
    writer,
    endpointRules: {
      wake: (id) => deliverer.wake(id),
      newSecret: () => generateSecret(),
      mayCarry: (carried) => checkHeaders(carried).ok,
      refusalOf(address, allowPrivate) {
        const verdict = outbound.checkUrl(address, { allowPrivate });
        return verdict.ok ? undefined : verdict.reason;
      },
    },
    secretBox,
    clock,
    ids,
    logger,
    publicUrl,
    checkEveryMs: 0,
    repair: "deaf",
  });
  managementRoutes(app, {
    store,
    access,
    deliverer,
    outbound,
    secretBox,
    clock,
    ids,
    logger,
    publicUrl,
    allowedOrigins: ["*"],
    controls,
    own: ownWebhookByAdoption({ adoption, controls, directory }),
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  await deliverer.start();
  const url = `http://127.0.0.1:${port()}`;

  async function instance(name: string): Promise<Instance> {
    const found = await directory.instanceByName(scope, name);
    if (!found) throw new Error(`there is no instance ${name}`);
    return found;
  }

  return {
    url,
    store,
    evolution,
    waha,
    adoption,
    controls,
    logged,
    instance,
    async call(method, path, { as = adminKey, body, headers = {} } = {}) {
      const response = await fetch(`${url}/api${path}`, {
        method,
        headers: {
          ...(as === null ? {} : { authorization: `Bearer ${as}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const json = (await response.json()) as Answer["body"];
      return { status: response.status, body: json, headers: response.headers };
    },
    async token({ role, tenantId, instances }) {
      const { SignJWT } = await import("jose");
      const claims = {
        userId: "u1",
        email: "u1@example.com",
        role,
        ...(tenantId === undefined ? {} : { tenantId }),
        ...(instances === undefined ? {} : { instances }),
      };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256" })
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(new TextEncoder().encode(jwtSecret));
    },
    async tenantKey(tenantId) {
      const { key, hash, prefix } = newTenantKey(ids);
      const scopes = ["read", "write"];
      const createdAt = clock.now();
      await directory.createKey(
        { tenantId },
        { id: ids.next("key"), tenantId, name: prefix, hash, prefix, scopes, createdAt },
      );
      return key;
    },
    async addressOf(name) {
      return `${publicUrl()}/in/${(await instance(name)).ingestToken}`;
    },
    endpoints: () => directory.endpoints(scope, { limit: 100 }),
    async close() {
      await app.close();
      await adoption.stop();
      await deliverer.stop();
      controls.close();
      await Promise.all([evolution.close(), waha.close()]);
      await outbound.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
