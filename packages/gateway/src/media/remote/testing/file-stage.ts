import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderName } from "@recado/protocol";
import { startFakeWaha, type FakeWaha } from "@recado/simulator";
import { fastify, type LightMyRequestResponse } from "fastify";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { systemIds } from "../../../base/ids.ts";
import { createLogger } from "../../../base/logger.ts";
import { createSecretBox } from "../../../base/secret-box.ts";
import { createIngest, createInstanceFinder } from "../../../ingest/index.ts";
import { createEventLogWriter } from "../../../log/index.ts";
import { createOutbound } from "../../../outbound/index.ts";
import {
  createProviderFileSource,
  createServerControls,
  type ProviderFileSourceOptions,
} from "../../../sources/index.ts";
import type { IngestTarget, Instance, Store, Tenant } from "../../../store/contract/index.ts";
import { openSqliteStore } from "../../../store/sqlite/index.ts";
import { createMedia, createProviderFiles, mediaRoutes, type Media } from "../../index.ts";
import type { ProviderFiles, ProviderFilesOptions } from "../provider-files.ts";

export const apiKey = "waha-key-of-these-tests";

export interface ToldMedia {
  readonly url: string;
  readonly mimetype?: string;
  readonly size?: number;
  readonly sha256?: string;
  readonly filename?: string;
  readonly error?: string;
}

/** A real WAHA of the simulator, a real store and the real door, and files that are fetched from the one to the other. */
export interface FileStage {
  readonly waha: FakeWaha;
  readonly store: Store;
  readonly media: Media;
  /** What was logged, as JSON lines. */
  readonly logged: string[];
  /** Milliseconds added to the clocks of the gateway and of WAHA. */
  skewMs: number;
  /** Fetching over the store as it is: a second one is what comes after a restart. */
  start(
    change?: Partial<ProviderFilesOptions>,
    source?: Partial<ProviderFileSourceOptions>,
  ): Promise<ProviderFiles>;
  number(more?: Partial<Instance>, server?: NumberServer): Promise<Instance>;
  /** Serves `bytes` at WAHA; the link as WAHA tells it. */
  serve(name: string, bytes: Buffer, mimetype?: string): string;
  /** A message with this file; answers the event's id. */
  send(number: Instance, id: string, media: Readonly<Record<string, unknown>>): Promise<string>;
  sendBody(number: Instance, body: unknown): Promise<string>;
  /** What a reader of the event is told of its file. */
  told(eventId: string, tenantId?: string): Promise<ToldMedia>;
  /** GET of a link. */
  open(link: string): Promise<LightMyRequestResponse>;
  /** Resolves when nothing waits. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface NumberServer {
  readonly provider?: ProviderName;
  readonly baseUrl?: string;
  readonly allowPrivate?: boolean;
  readonly tenantId?: string;
}

export async function openFileStage(allowTargets: readonly string[] = []): Promise<FileStage> {
  const directory = await mkdtemp(join(tmpdir(), "recado-provider-files-"));
  const state = { skewMs: 0 };
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + state.skewMs };
  const logged: string[] = [];
  const logger = createLogger("info", { write: (line: string) => void logged.push(line) });
  const store = await openSqliteStore({ directory, clock, logger, newEpoch: () => "e1" });
  for (const id of ["acme", "rival"]) {
    const common = { name: id, active: true, createdAt: clock.now() };
    await store.directory.createTenant({ id, ingestToken: systemIds.token(8), ...common });
  }
  const waha = await startFakeWaha({ apiKey, clock, sessions: [{ name: "loja" }] });
  const secretBox = createSecretBox(Buffer.alloc(32, 7));
  const media = createMedia({
    store,
    dataDir: directory,
    encryptionKey: Buffer.alloc(32, 9),
    clock,
    logger,
    publicUrl: () => "http://recado.test",
    linkMs: 30 * 24 * 3_600_000,
  });
  await media.open();
  const outbound = createOutbound({ allowTargets });
  const controls = createServerControls({
    outbound,
    secretBox,
    clock,
    limits: { callsPerSecond: 1_000 },
  });
  const writer = createEventLogWriter({ log: store.log, clock, ids: systemIds });
  let current: ProviderFiles | undefined;
  const running = (): ProviderFiles => {
    if (!current) throw new Error("nothing was started");
    return current;
  };
  const ingest = createIngest({
    writer,
    finder: createInstanceFinder({ directory: store.directory, clock, ids: systemIds }),
    secretBox,
    clock,
    logger,
    media,
    links: { markerFor: (scope, number, url) => running().markerFor(scope, number, url) },
  });
  const app = fastify();
  app.setErrorHandler(
    (error: { code?: string; details?: string[]; entry?: { status: number } }, _, reply) =>
      reply.code(error.entry?.status ?? 500).send({ code: error.code, details: error.details }),
  );
  mediaRoutes(app, {
    files: media.files,
    keys: media.keys,
    clock,
    providerFiles: { find: (part, key) => running().find(part, key) },
  });
  const started: ProviderFiles[] = [];

  async function sendBody(number: Instance, body: unknown): Promise<string> {
    const scope = { tenantId: number.tenantId };
    const tenant = (await store.directory.tenant(number.tenantId)) as Tenant;
    const target: IngestTarget = { kind: "instance", tenant, instance: number };
    const headers = { "content-type": "application/json" };
    const { head } = await store.log.bounds(scope);
    await ingest.receive({ target, bytes: Buffer.from(JSON.stringify(body)), headers });
    const [event] = await store.log.readAfter(scope, head, 1);
    if (!event) throw new Error("nothing was stored");
    return event.id;
  }

  return {
    waha,
    store,
    media,
    logged,
    get skewMs() {
      return state.skewMs;
    },
    set skewMs(ms) {
      state.skewMs = ms;
    },
    async start(change = {}, source = {}) {
      const { files, keys } = media;
      current = createProviderFiles({
        store,
        files,
        keys,
        source: createProviderFileSource({ outbound, controls, maxBytes: 1_000_000, ...source }),
        clock,
        ids: systemIds,
        logger,
        ...change,
        limits: { pausesMs: [5, 10], ...change.limits },
      });
      started.push(current);
      await current.start();
      return current;
    },
    async number(more = {}, { tenantId = "acme", ...server } = {}) {
      const scope = { tenantId };
      const id = systemIds.next("srv");
      await store.directory.createServer(scope, {
        id,
        tenantId,
        name: id,
        provider: "waha",
        baseUrl: waha.url,
        apiKey: secretBox.seal(apiKey),
        ingestToken: systemIds.token(8),
        allowPrivate: true,
        createdAt: 1,
        ...server,
      });
      const number: Instance = {
        id: systemIds.next("ins"),
        tenantId,
        name: id,
        providerName: "loja",
        provider: server.provider ?? "waha",
        serverId: id,
        ingestToken: systemIds.token(8),
        createdAt: 1,
        ...more,
      };
      await store.directory.createInstance(scope, number);
      return number;
    },
    serve: (name, bytes, mimetype = "image/jpeg") =>
      waha.addFile("loja", name, bytes, mimetype).replace(waha.url, "http://localhost:3000"),
    send: (number, id, file) =>
      sendBody(number, {
        id: `evt_${id}`,
        event: "message",
        session: "loja",
        engine: "NOWEB",
        me: { id: "5511900000001@c.us" },
        payload: {
          id: `false_5511900000201@c.us_${id}`,
          timestamp: Math.floor(clock.now() / 1_000),
          from: "5511900000201@c.us",
          fromMe: false,
          body: "foto",
          hasMedia: true,
          media: file,
          _data: { message: { imageMessage: { mimetype: "image/jpeg" } } },
        },
      }),
    sendBody,
    async told(eventId, tenantId = "acme") {
      const event = await store.log.byId({ tenantId }, eventId);
      const whole = await running().complete(tenantId, event?.json ?? "");
      const shown = JSON.parse(media.present(tenantId, whole)) as {
        data: { content: { media: ToldMedia } };
      };
      return shown.data.content.media;
    },
    open: (link) => app.inject(link.replace("http://recado.test", "")),
    async settled() {
      for (const { tenantId } of [{ tenantId: "acme" }, { tenantId: "rival" }]) {
        const part = media.keys.tenantPart(tenantId);
        // A key that nobody has is waited for as long as its tenant's log is not read to its end.
        while (
          (await running().find(part, "0".repeat(64))) === "waiting" ||
          running().stats().waiting > 0
        )
          await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async close() {
      for (const one of started) await one.stop();
      controls.close();
      writer.close();
      await app.close();
      await outbound.close();
      await media.stop();
      await store.close();
      await waha.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
