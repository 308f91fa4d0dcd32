import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.ts";
import { systemIds } from "../base/ids.ts";
import { createLogger } from "../base/logger.ts";
import { createSecretBox } from "../base/secret-box.ts";
import { createEventLogWriter, type EventLogWriter, type LiveEvent } from "../log/index.ts";
import type { IngestTarget, Instance, Store, Tenant } from "../store/contract/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import { createIngest, createInstanceFinder, type Ingest } from "./index.ts";

const secretBox = createSecretBox(Buffer.alloc(32, 7));
const logger = createLogger("silent");
const tenant: Tenant = {
  id: "acme",
  name: "Acme",
  active: true,
  ingestToken: "tenant-token",
  createdAt: 1,
};
const scope = { tenantId: tenant.id };

let directory = "";
let store: Store;
let writer: EventLogWriter;
let ingest: Ingest;
let live: LiveEvent[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-ingest-"));
  store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger,
    newEpoch: () => "epoch1",
  });
  await store.directory.createTenant(tenant);
  writer = createEventLogWriter({ log: store.log, clock: systemClock, ids: systemIds });
  live = [];
  writer.subscribe((events) => live.push(...events));
  const finder = createInstanceFinder({
    directory: store.directory,
    clock: systemClock,
    ids: systemIds,
  });
  ingest = createIngest({ writer, finder, secretBox, clock: systemClock, logger });
});
afterEach(async () => {
  writer.close();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

async function newInstance(change: Partial<Instance> = {}): Promise<IngestTarget> {
  const instance: Instance = {
    id: systemIds.next("ins"),
    tenantId: tenant.id,
    name: "loja",
    providerName: "loja",
    provider: "evolution",
    ingestToken: systemIds.token(8),
    createdAt: 1,
    ...change,
  };
  await store.directory.createInstance(scope, instance);
  return { kind: "instance", tenant, instance };
}

function upsert(id: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event: "messages.upsert",
    instance: "loja",
    data: {
      key: { remoteJid: "5511900000001@s.whatsapp.net", fromMe: false, id },
      message: { conversation: "oi" },
      messageTimestamp: 1_790_000_000,
    },
    server_url: "https://evo-a.example.com",
    apikey: "A1B2C3D4-KEY",
    ...change,
  };
}

async function send(
  target: IngestTarget,
  body: unknown,
  headers: Record<string, string> = {},
): ReturnType<Ingest["receive"]> {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return ingest.receive({
    target,
    bytes,
    headers: { "content-type": "application/json", ...headers },
  });
}

describe("the webhook door", () => {
  it("what is answered is stored, live readers see it, and its credentials are gone", async () => {
    const target = await newInstance();
    expect(await send(target, upsert("A1"))).toEqual({ events: 1, duplicates: 0 });
    const [stored] = await store.log.readAfter(scope, 0, 10);
    expect(live).toHaveLength(1);
    expect(live[0]?.event).toEqual(JSON.parse(stored?.json ?? ""));
    expect(live[0]?.documentedMessage()).toMatchObject({
      key: { id: "A1" },
      message: { conversation: "oi" },
      messageTimestamp: 1_790_000_000,
    });
    const body = await store.log.body(scope, stored?.bodyId ?? 0);
    expect(body?.text).toContain('"conversation":"oi"');
    expect(body?.text).not.toContain("A1B2C3D4-KEY");
  });

  it("an address of ours that the provider repeats in its body is kept without its token", async () => {
    const target = await newInstance();
    const token = target.kind === "instance" ? target.instance.ingestToken : "";
    await send(target, upsert("D1", { destination: `https://recado.example.com/in/${token}` }));
    const [stored] = await store.log.readAfter(scope, 0, 1);
    const body = await store.log.body(scope, stored?.bodyId ?? 0);
    expect(JSON.parse(body?.text ?? "")).toMatchObject({
      destination: "https://recado.example.com/in/********",
    });
    expect(body?.text).not.toContain(token);
  });

  it("large integers and odd spellings of the provider's body are kept byte for byte", async () => {
    const target = await newInstance();
    await send(
      target,
      '{"event":"custom.thing","instance":"loja","data":{"n":12345678901234567890,"f":1.0,"s":"\\u00e7\\/"},"apikey":"KEY-123456"}',
    );
    const [stored] = await store.log.readAfter(scope, 0, 10);
    const body = await store.log.body(scope, stored?.bodyId ?? 0);
    expect(body?.text).toContain('"data":{"n":12345678901234567890,"f":1.0,"s":"\\u00e7\\/"}');
  });

  it("an unknown event of a known sender is kept unrecognised, with its reason", async () => {
    const target = await newInstance();
    await send(target, { event: "brand.new", instance: "loja", data: { x: 1 } });
    const [stored] = await store.log.query(scope, { unrecognised: true, limit: 10 });
    expect(JSON.parse(stored?.json ?? "")).toMatchObject({
      type: "provider.event",
      data: { event: "brand.new" },
    });
  });

  it("a foreign body under a tenant's address makes no instance and is still kept", async () => {
    const target: IngestTarget = { kind: "tenant", tenant };
    await send(target, {
      event: "onmessage",
      session: "SESSAOTES",
      body: "oi",
      from: "5511900000311@c.us",
    });
    await send(target, { event: "status-find", status: "isLogged" });
    await send(target, { hello: "world" });
    const events = await store.log.readAfter(scope, 0, 10);
    expect(events.map((event) => event.type)).toEqual([
      "provider.event",
      "provider.event",
      "provider.event",
    ]);
    const names = (await store.directory.instances(scope, { limit: 10 })).map(
      (instance) => instance.name,
    );
    expect(names.filter((name) => ["undefined", "null", ""].includes(name))).toEqual([]);
  });

  it("two first webhooks of one name at once make one instance", async () => {
    const target: IngestTarget = { kind: "tenant", tenant };
    await Promise.all(Array.from({ length: 20 }, (_, n) => send(target, upsert(`R${n}`))));
    expect(await store.directory.instances(scope, { limit: 10 })).toHaveLength(1);
    expect(await store.log.readAfter(scope, 0, 100)).toHaveLength(20);
  });

  it("the same name on another server is another instance, under a visible name", async () => {
    const target: IngestTarget = { kind: "tenant", tenant };
    await send(target, upsert("S1"));
    await send(target, upsert("S1", { server_url: "https://evo-b.example.com" }));
    await send(target, {
      event: "connection.update",
      instance: "loja",
      data: { instance: "loja", state: "close", statusReason: 401 },
      server_url: "https://evo-b.example.com",
    });
    const instances = await store.directory.instances(scope, { limit: 10 });
    expect(instances.map((instance) => instance.name).toSorted()).toEqual([
      "loja",
      "loja@evo-b.example.com",
    ]);
    const events = await store.log.readAfter(scope, 0, 100);
    const of = (name: string): string[] => {
      const id = instances.find((instance) => instance.name === name)?.id;
      return events.filter((event) => event.instanceId === id).map((event) => event.type);
    };
    expect(of("loja")).toEqual(["message.received"]);
    expect(of("loja@evo-b.example.com")).toContain("instance.connection_changed");
  });

  it("a body with another instance's name under an instance's address is that instance's, with a warning", async () => {
    const target = await newInstance();
    await send(target, upsert("W1", { instance: "other" }));
    const [stored] = await store.log.readAfter(scope, 0, 10);
    expect(JSON.parse(stored?.json ?? "")).toMatchObject({
      instance: { name: "loja" },
      data: { warnings: ["instance_name_differs"] },
    });
  });
});

describe("repeats", () => {
  it("are counted by cause: the same bytes, the same fact under another event, the same fact in other bytes", async () => {
    const evolution = await newInstance();
    await send(evolution, upsert("D1"));
    await send(evolution, upsert("D1"));
    await send(evolution, upsert("D1", { date_time: "2026-09-21T12:00:01.000Z" }));
    const waha = await newInstance({ name: "w", providerName: "w", provider: "waha" });
    const message = {
      id: "evt_01",
      timestamp: 1_790_000_000_000,
      session: "w",
      me: null,
      engine: "NOWEB",
      environment: {},
      payload: {
        id: "false_5511900000001@c.us_AAA",
        timestamp: 1_790_000_000,
        from: "5511900000001@c.us",
        fromMe: false,
        body: "oi",
        hasMedia: false,
      },
    };
    await send(waha, { event: "message.any", ...message });
    await send(waha, { event: "message", ...message });
    expect(await store.log.readAfter(scope, 0, 10)).toHaveLength(2);
    expect(ingest.counters()).toMatchObject({
      accepted: 5,
      events: 2,
      duplicates: { retry: 1, redelivered: 1, overlap: 1 },
    });
    expect(await store.log.duplicates(scope)).toEqual({ retry: 1, redelivered: 1, overlap: 1 });
  });

  it("of a message without content are published once more when the content comes", async () => {
    const target = await newInstance();
    const empty = upsert("C1");
    delete (empty["data"] as Record<string, unknown>)["message"];
    await send(target, empty);
    await send(target, upsert("C1"));
    await send(target, upsert("C1"));
    const events = (await store.log.readAfter(scope, 0, 10)).map(
      (event) => JSON.parse(event.json) as { id: string; data: Record<string, unknown> },
    );
    expect(events).toHaveLength(2);
    expect(events[1]?.data).toMatchObject({
      completes: events[0]?.id,
      content: { kind: "text", text: "oi" },
    });
    expect(live[1]?.event.data).toEqual(events[1]?.data);
  });
});

describe("a number with a webhook secret", () => {
  it("learns its server only from who proved itself: a forgery cannot make the real one a stranger", async () => {
    const secret = "the-jwt-key";
    await newInstance({ webhookSecret: secretBox.seal(secret) });
    const anywhere: IngestTarget = { kind: "tenant", tenant };
    const forged = send(anywhere, upsert("F1", { server_url: "https://evil.example.com" }));
    await expect(forged).rejects.toMatchObject({ code: "ingest_unauthorised" });

    const token = await new SignJWT({ app: "evolution", action: "webhook" })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("10m")
      .sign(Buffer.from(secret));
    await send(anywhere, upsert("R1"), { authorization: `Bearer ${token}` });
    const instances = await store.directory.instances(scope, { limit: 10 });
    expect(instances.map(({ name, serverUrl }) => [name, serverUrl])).toEqual([
      ["loja", "https://evo-a.example.com"],
    ]);
  });

  it("takes only what its secret signed, and stores nothing else", async () => {
    const secret = "the-hmac-key";
    const target = await newInstance({ provider: "waha", webhookSecret: secretBox.seal(secret) });
    const body = JSON.stringify({
      event: "session.status",
      session: "loja",
      me: null,
      engine: "NOWEB",
      environment: {},
      payload: { name: "loja", status: "WORKING" },
    });
    const hmac = createHmac("sha512", secret).update(body).digest("hex");
    await expect(send(target, body)).rejects.toMatchObject({ code: "ingest_unauthorised" });
    await expect(
      send(target, body, { "x-webhook-hmac": hmac.replace(/^./, (c) => (c === "0" ? "1" : "0")) }),
    ).rejects.toMatchObject({ code: "ingest_signature_invalid" });
    await expect(send(target, `${body} `, { "x-webhook-hmac": hmac })).rejects.toMatchObject({
      code: "ingest_signature_invalid",
    });
    expect(await store.log.bounds(scope)).toMatchObject({ head: 0 });
    await send(target, body, { "x-webhook-hmac": hmac, "x-webhook-hmac-algorithm": "sha512" });
    expect((await store.log.bounds(scope)).head).toBeGreaterThan(0);
    expect(ingest.counters().refused).toEqual({
      ingest_unauthorised: 1,
      ingest_signature_invalid: 2,
    });
  });

  it("must be proven under a tenant's address as well", async () => {
    await newInstance({ webhookSecret: secretBox.seal("jwt-secret-of-evolution-0123456789") });
    await expect(send({ kind: "tenant", tenant }, upsert("T1"))).rejects.toMatchObject({
      code: "ingest_unauthorised",
    });
    expect(await store.log.bounds(scope)).toMatchObject({ head: 0 });
  });
});

describe("what came over a connection of ours", () => {
  it("needs no signature, and is marked when it was fetched afterwards", async () => {
    const target = await newInstance({
      webhookSecret: secretBox.seal("jwt-secret-of-evolution-0123456789"),
    });
    const bytes = (id: string) => Buffer.from(JSON.stringify(upsert(id)));
    await ingest.receive({ target, headers: {}, bytes: bytes("S1"), trusted: true });
    const fetched = { target, headers: {}, trusted: true, recovered: true };
    await ingest.receive({ ...fetched, bytes: bytes("S2") });
    expect(await ingest.receive({ ...fetched, bytes: bytes("S1") })).toEqual({
      events: 0,
      duplicates: 1,
    });
    const events = await store.log.readAfter(scope, 0, 10);
    expect(events.map((event) => JSON.parse(event.json).recovered)).toEqual([undefined, true]);
    expect(live.map(({ event }) => event.recovered)).toEqual([undefined, true]);
  });
});

describe("odd but legal", () => {
  it.each([
    [
      "U+0000 in a text",
      {
        data: {
          key: { remoteJid: "5511900000001@s.whatsapp.net", fromMe: false, id: "O1" },
          message: { conversation: "a\u0000b" },
        },
      },
    ],
    [
      "half an emoji in a text",
      {
        data: {
          key: { remoteJid: "5511900000001@s.whatsapp.net", fromMe: false, id: "O2" },
          message: { conversation: "x\ud83d" },
        },
      },
    ],
    ["an instance name with a slash and accents", { instance: "Operação/Teste 1" }],
    ["an instance name with U+0000 and half an emoji", { instance: "n\u0000\ud83d" }],
    ["a number as instance name", { instance: 30225412 }],
  ])("%s is a normal event", async (_name, change) => {
    const target: IngestTarget = { kind: "tenant", tenant };
    expect(await send(target, upsert("O9", change))).toEqual({ events: 1, duplicates: 0 });
    const [stored] = await store.log.readAfter(scope, 0, 10);
    expect(stored?.type).toBe("message.received");
    expect(stored?.json.isWellFormed()).toBe(true);
    const instance = await store.directory.instance(scope, stored?.instanceId ?? "");
    expect(instance?.name.isWellFormed()).toBe(true);
    // Found again by the same odd name.
    const { data: _data, ...place } = change as Record<string, unknown>;
    expect(await send(target, upsert("O10", place))).toEqual({ events: 1, duplicates: 0 });
    expect(await store.directory.instances(scope, { limit: 10 })).toHaveLength(1);
  });

  it("two Unicode spellings of a name are one instance", async () => {
    const target: IngestTarget = { kind: "tenant", tenant };
    await send(target, upsert("U1", { instance: "Operação".normalize("NFC") }));
    await send(target, upsert("U2", { instance: "Operação".normalize("NFD") }));
    expect(await store.directory.instances(scope, { limit: 10 })).toHaveLength(1);
  });
});
