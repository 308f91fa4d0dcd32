import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fastify, type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemIds } from "../base/ids.ts";
import { createLogger } from "../base/logger.ts";
import { SettableClock } from "../base/testing/settable-clock.ts";
import type { Store, TenantScope } from "../store/contract/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import { MediaCollector } from "./files/collect.ts";
import { Lightener } from "./lighten/lightener.ts";
import { mediaKeyFrom } from "./links/media-keys.ts";
import { createMedia, mediaRoutes, type Media } from "./index.ts";

const logger = createLogger("silent");
const encryptionKey = Buffer.alloc(32, 9);
const acme: TenantScope = { tenantId: "acme" };
const hour = 3_600_000;
const day = 24 * hour;

let directory: string;
let clock: SettableClock;
let store: Store;
let media: Media;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-media-"));
  clock = new SettableClock(Date.parse("2026-03-01T12:00:00Z"));
  store = await openSqliteStore({ directory, clock, logger, newEpoch: () => "e1" });
  for (const id of ["acme", "rival"]) {
    const common = { name: id, active: true, createdAt: clock.now() };
    await store.directory.createTenant({ id, ingestToken: systemIds.token(8), ...common });
  }
  media = createMedia({
    store,
    dataDir: directory,
    encryptionKey,
    clock,
    logger,
    publicUrl: () => "http://127.0.0.1",
    linkMs: hour,
  });
  await media.open();
});
afterEach(async () => {
  await media.stop();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

function bodyWith(file: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ file: file.toString("base64") }));
}

/** The stored text of a body with this file, kept. */
async function keep(file: Buffer, tenantId = "acme"): Promise<string> {
  const large = await media.lighten(tenantId, bodyWith(file));
  if (!large) throw new Error("the body is not large");
  await large.keep();
  await large.release();
  return Buffer.from(large.light).toString();
}

async function append(text: string): Promise<void> {
  const now = clock.now();
  const id = systemIds.next("evt");
  const event = { id, type: "app.emitted", unrecognised: false, occurredAt: now, receivedAt: now };
  const identity = { key: JSON.stringify([id]), contentMissing: false, bodyHash: "", source: "t" };
  const json = JSON.stringify({ id, data: JSON.parse(text) as unknown });
  await store.log.append(acme, { events: [{ ...event, json, index: 0, identity }] });
}

async function filesOf(tenantId: string): Promise<number> {
  const home = join(directory, "media", media.keys.tenantPart(tenantId));
  if (!existsSync(home)) return 0;
  return (await readdir(home, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name))
    .length;
}

describe("files that nothing refers to", () => {
  async function round(retentionDays?: number): Promise<void> {
    const { files, keys } = media;
    const days = retentionDays === undefined ? {} : { retentionDays };
    await new MediaCollector({ store, files, keys, clock, logger, ...days }).round();
  }

  it("go once the last event that refers to them is gone, and not before", async () => {
    const file = randomBytes(60_000);
    await append(await keep(file));
    clock.set(clock.now() + 40 * day);
    await append("{}");
    await round();
    expect(await filesOf("acme")).toBe(1);
    await store.log.expire(clock.now() - 30 * day, clock.now(), 500);
    await round();
    expect(await filesOf("acme")).toBe(0);
  });

  it("live on when a later message holds the same file", async () => {
    const file = randomBytes(60_000);
    await append(await keep(file));
    clock.set(clock.now() + 40 * day);
    await append(await keep(file));
    await store.log.expire(clock.now() - 30 * day, clock.now(), 500);
    await round();
    expect(await filesOf("acme")).toBe(1);
  });

  it("stay while their event is on its way, whatever the clock says", async () => {
    const large = await media.lighten("acme", bodyWith(randomBytes(60_000)));
    await large?.keep();
    clock.set(clock.now() + 400 * day);
    await round();
    expect(await filesOf("acme")).toBe(1);
    await large?.release();
  });

  it("go before their events when they are to be kept for fewer days", async () => {
    await append(await keep(randomBytes(60_000)));
    clock.set(clock.now() + 3 * day);
    await append("{}");
    await round(5);
    expect(await filesOf("acme")).toBe(1);
    await round(2);
    expect(await filesOf("acme")).toBe(0);
  });

  it("survive a clock that leaps, also with days of their own", async () => {
    await append(await keep(randomBytes(60_000)));
    clock.set(clock.now() + 4_000 * day);
    await round(2);
    await round();
    expect(await filesOf("acme")).toBe(1);
  });

  it("go with their tenant", async () => {
    await keep(randomBytes(60_000), "gone");
    clock.set(clock.now() + 2 * hour);
    await round();
    expect(await filesOf("gone")).toBe(0);
  });
});

it("what is kept is counted a minute after the start, and again after every round", async () => {
  await append(await keep(randomBytes(60_000)));
  media.start();
  expect(media.use()).toBeUndefined();
  clock.pass(60_000);
  await expect.poll(() => media.use()).toEqual({ kind: "folder", files: 1, bytes: 60_000 });
  await append(await keep(randomBytes(70_000)));
  const again = (): unknown => {
    clock.pass(600_000);
    return media.use();
  };
  await expect.poll(again).toEqual({ kind: "folder", files: 2, bytes: 130_000 });
});

it("two tenants with the same file have one each, and neither's text opens the other's", async () => {
  const file = randomBytes(60_000);
  const text = await keep(file);
  await keep(file, "rival");
  expect([await filesOf("acme"), await filesOf("rival")]).toEqual([1, 1]);
  expect(media.present("rival", text)).toBe(text);
  expect(await media.putBack("rival", text)).toBe(text);
  expect(await media.putBack("acme", text)).toBe(String(bodyWith(file)));
});

it("a refused body leaves no file", async () => {
  const large = await media.lighten("acme", bodyWith(randomBytes(60_000)));
  await large?.release();
  expect(await filesOf("acme")).toBe(0);
  expect(await readdir(media.files.incoming)).toEqual([]);
});

it("a provider's body gets its file back with the prefix it had; one that is gone is said", async () => {
  const prefixed = Buffer.from(
    JSON.stringify({ a: `data:image/png;base64,${randomBytes(60_000).toString("base64")}`, z: 1 }),
  );
  const text = String(prefixed);
  const large = await media.lighten("acme", prefixed);
  const light = Buffer.from(large?.light ?? []).toString();
  await large?.keep();
  await large?.release();
  expect(await media.putBack("acme", light)).toBe(text);
  await rm(join(directory, "media"), { recursive: true });
  expect(JSON.parse(await media.putBack("acme", light))).toMatchObject({
    a: { error: "media_gone" },
    z: 1,
  });
});

describe("the thread", () => {
  it("that dies refuses what it had, and the next body gets a new one", async () => {
    const { incoming } = media.files;
    let starts = 0;
    const lightener = new Lightener({
      incoming,
      logger,
      // The first thread dies of it.
      get key() {
        return starts++ === 0 ? (undefined as unknown as Uint8Array) : mediaKeyFrom(encryptionKey);
      },
    });
    try {
      const bodies = [60_000, 70_000].map((size) => bodyWith(randomBytes(size)));
      const outcomes = await Promise.allSettled(
        bodies.map((body) => lightener.lighten("acme", body)),
      );
      expect(outcomes).toMatchObject([
        { status: "rejected", reason: { code: "store_unavailable" } },
        { status: "rejected", reason: { code: "store_unavailable" } },
      ]);
      expect(lightener.bytesInFlight).toBe(0);
      const { files } = await lightener.lighten("acme", bodyWith(randomBytes(60_000)));
      expect([files.length, starts]).toEqual([1, 2]);
    } finally {
      await lightener.close();
    }
  });

  it("that cannot write refuses the body, and one that is ended refuses what it had", async () => {
    const incoming = join(directory, "nowhere");
    const lightener = new Lightener({ incoming, key: mediaKeyFrom(encryptionKey), logger });
    const refusal = { code: "store_unavailable" };
    const body = (): Buffer => bodyWith(randomBytes(60_000));
    await expect(lightener.lighten("acme", body())).rejects.toMatchObject(refusal);
    const [outcome] = await Promise.allSettled([
      lightener.lighten("acme", body()),
      lightener.close(),
    ]);
    expect(outcome).toMatchObject({ status: "rejected", reason: refusal });
    await expect(lightener.lighten("acme", body())).rejects.toMatchObject(refusal);
  });

  it("takes only so many bytes at once, and one body of any size", async () => {
    const { incoming } = media.files;
    const lightener = new Lightener({
      incoming,
      key: mediaKeyFrom(encryptionKey),
      logger,
      maxBytes: 100_000,
    });
    try {
      const first = lightener.lighten("acme", bodyWith(randomBytes(200_000)));
      await expect(lightener.lighten("acme", bodyWith(randomBytes(60_000)))).rejects.toMatchObject({
        code: "store_unavailable",
      });
      expect((await first).files).toHaveLength(1);
      expect((await lightener.lighten("acme", bodyWith(randomBytes(60_000)))).files).toHaveLength(
        1,
      );
    } finally {
      await lightener.close();
    }
  });
});

describe("the route", () => {
  let app: FastifyInstance;
  let port: number;
  beforeEach(async () => {
    app = fastify();
    mediaRoutes(app, { files: media.files, keys: media.keys, clock, maxOpen: 1 });
    app.setErrorHandler((error: { code?: string; entry?: { status: number } }, _request, reply) =>
      reply.code(error.entry?.status ?? 500).send({ code: error.code }),
    );
    await app.listen({ host: "127.0.0.1", port: 0 });
    port = (app.server.address() as { port: number }).port;
  });
  afterEach(() => app.close());

  async function pathOf(file: Buffer): Promise<string> {
    const shown = media.present("acme", await keep(file));
    const { pathname, search } = new URL((JSON.parse(shown) as { file: { url: string } }).file.url);
    return `${pathname}${search}`;
  }

  it("opens a link until it expires, and not a second longer", async () => {
    const path = await pathOf(randomBytes(60_000));
    clock.set(clock.now() + hour - 1_000);
    expect((await app.inject(path)).statusCode).toBe(200);
    clock.set(clock.now() + 1_000);
    const late = await app.inject(path);
    expect([late.statusCode, late.json()]).toEqual([410, { code: "media_link_expired" }]);
  });

  it("lets go of the file of a reader that goes away in the middle", async () => {
    const path = await pathOf(randomBytes(8_000_000));
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await once(socket, "data");
    socket.pause();
    expect((await app.inject(path)).statusCode).toBe(429);
    socket.destroy();
    await expect
      .poll(async () => (await app.inject({ url: path, method: "HEAD" })).statusCode)
      .toBe(200);
  });
});
