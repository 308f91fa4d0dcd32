import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeWaha, type FakeWaha } from "@recado/simulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock, type Clock } from "../../base/clock.ts";
import { systemIds } from "../../base/ids.ts";
import { createLogger } from "../../base/logger.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { createIngest, createInstanceFinder } from "../../ingest/index.ts";
import { createEventLogWriter } from "../../log/index.ts";
import { createOutbound } from "../../outbound/index.ts";
import type {
  IngestTarget,
  Instance,
  LearntPair,
  ProviderServer,
  Store,
  Tenant,
} from "../../store/contract/index.ts";
import { openSqliteStore } from "../../store/sqlite/index.ts";
import { createServerControls } from "../control/index.ts";
import { createLidLookups } from "./index.ts";

const lid = "222000000000009@lid";
const phone = "5511900000009@s.whatsapp.net";
const tenant: Tenant = {
  id: "acme",
  name: "Acme",
  active: true,
  ingestToken: "tenant-token",
  createdAt: 1,
};
const scope = { tenantId: tenant.id };

/** A message of somebody whose phone WEBJS does not say. */
const body = (id: string, from = lid) => ({
  id: `evt_${id}`,
  event: "message",
  session: "loja",
  engine: "WEBJS",
  me: { id: "5511900000001@c.us" },
  payload: { id: `false_${from}_${id}`, timestamp: 1_790_000_000, from, fromMe: false, body: "oi" },
});

let closing: (() => Promise<unknown>)[] = [];
let fake: FakeWaha;
let store: Store;
let skewMs = 0;
let send: (body: unknown, of?: Instance) => Promise<unknown>;
let loja: Instance;
let alone: Instance;
let logged: (line: string) => void = () => undefined;

beforeEach(async () => {
  closing = [];
  skewMs = 0;
  const directory = await mkdtemp(join(tmpdir(), "recado-lids-"));
  closing.push(() => rm(directory, { recursive: true, force: true }));
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + skewMs };
  const logger = createLogger("info", { write: (line: string) => logged(line) });
  const common = { clock, ids: systemIds };
  store = await openSqliteStore({ directory, clock, logger, newEpoch: () => "e1" });
  closing.push(() => store.close());
  fake = await startFakeWaha({
    apiKey: "waha-key-1",
    sessions: [{ name: "loja", me: { id: "5511900000001@c.us" } }],
  });
  closing.push(() => fake.close());
  await store.directory.createTenant(tenant);
  const secretBox = createSecretBox(randomBytes(32));
  const server: ProviderServer = {
    id: "srv_1",
    tenantId: tenant.id,
    name: "waha",
    provider: "waha",
    baseUrl: fake.url,
    apiKey: secretBox.seal("waha-key-1"),
    ingestToken: "server-token",
    allowPrivate: true,
    createdAt: 1,
  };
  await store.directory.createServer(scope, server);
  const number = (name: string, more: Partial<Instance>): Instance => ({
    id: systemIds.next("ins"),
    tenantId: tenant.id,
    name,
    providerName: name,
    provider: "waha",
    ingestToken: systemIds.token(8),
    createdAt: 1,
    ...more,
  });
  loja = number("loja", { serverId: server.id });
  await store.directory.createInstance(scope, loja);
  alone = number("alone", {});
  await store.directory.createInstance(scope, alone);
  const writer = createEventLogWriter({ log: store.log, ...common });
  const finder = createInstanceFinder({ directory: store.directory, ...common });
  const ingest = createIngest({ writer, finder, secretBox, clock, logger });
  send = (sent, of = loja) => {
    const target: IngestTarget = { kind: "instance", tenant, instance: of };
    const headers = { "content-type": "application/json" };
    return ingest.receive({ target, bytes: Buffer.from(JSON.stringify(sent)), headers });
  };
  const outbound = createOutbound();
  closing.push(() => outbound.close());
  const controls = createServerControls({ outbound, secretBox, clock });
  const lookups = createLidLookups({ store, tail: writer, controls, clock, logger });
  lookups.start();
  closing.push(async () => {
    controls.close();
    await lookups.stop();
  });
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
});

const questions = (): number => fake.calls.count("GET /api/:session/lids/:lid");

/** Resolves with the next pairs that are learnt. */
function learnt(): Promise<readonly LearntPair[]> {
  return new Promise((resolve) => {
    const stop = store.people.subscribe((pairs) => {
      stop();
      resolve(pairs);
    });
  });
}

test("whose LID it is that an event names is asked for once, and known from then on", async () => {
  fake.learnLid("loja", lid, phone);
  const news = learnt();
  await send(body("A1"));
  expect(await news).toEqual([{ lid, phone, tenantId: tenant.id, instanceId: loja.id }]);
  await send(body("A2"));
  const [, second] = await store.log.readAfter(scope, 0, 2);
  expect(JSON.parse(second?.json ?? "")).toMatchObject({
    contact: { jid: lid, phone: "5511900000009" },
  });
  expect(questions()).toBe(1);
});

test("who is unknown is asked for again after hours, not at each event", async () => {
  const known = ["222000000000011@lid", "222000000000012@lid", "222000000000013@lid"];
  for (const [n, one] of known.entries()) fake.learnLid("loja", one, `551190000001${n}@c.us`);
  const asked: number[] = [];
  for (const [n, one] of known.entries()) {
    const news = learnt();
    await send(body(`U${n}`));
    await send(body(`K${n}`, one));
    await news;
    asked.push(questions());
    if (n === 1) skewMs += 6 * 3_600_000 + 1;
  }
  // Questions are asked one after the other: the unknown one's was before each known one's.
  expect(asked).toEqual([2, 3, 5]);
  expect((await store.people.phonesOf(scope, loja.id, [lid])).size).toBe(0);
});

test("a server that has no answer is left alone for a while, and nothing waits for it", async () => {
  fake.learnLid("loja", lid, phone);
  const lift = fake.trouble.fail({ routes: /lids/, answer: { status: 404, body: {} } });
  const failed = new Promise<void>((resolve) => {
    logged = (line) => {
      if (line.includes("left alone")) resolve();
    };
  });
  expect(await send(body("F1"))).toMatchObject({ events: 1 });
  await failed;
  lift();
  const before = fake.calls.count();
  await send(body("F2"));
  skewMs += 10 * 60_000 + 1;
  const news = learnt();
  await send(body("F3"));
  await news;
  expect(fake.calls.count()).toBe(before + 1);
});

test("a number of no registered server is not asked for, nor somebody whose phone is said", async () => {
  fake.learnLid("loja", lid, phone);
  await send(body("N1"), alone);
  await send(body("N2", "5511900000077@c.us"));
  const news = learnt();
  await send(body("N3"));
  expect(await news).toMatchObject([{ instanceId: loja.id }]);
  expect(questions()).toBe(1);
});
