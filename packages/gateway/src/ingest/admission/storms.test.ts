import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemIds } from "../../base/ids.ts";
import { createLogger } from "../../base/logger.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { SettableClock } from "../../base/testing/settable-clock.ts";
import { createEventLogWriter, type EventLogWriter } from "../../log/index.ts";
import type { IngestTarget, Instance, Store, Tenant } from "../../store/contract/index.ts";
import { openSqliteStore } from "../../store/sqlite/index.ts";
import { createIngest, createInstanceFinder, type Ingest } from "../index.ts";

const tenant: Tenant = {
  id: "acme",
  name: "Acme",
  active: true,
  ingestToken: "tenant-token",
  createdAt: 1,
};
const scope = { tenantId: tenant.id };
const instance: Instance = {
  id: "ins_1",
  tenantId: tenant.id,
  name: "loja",
  providerName: "loja",
  provider: "evolution",
  ingestToken: "instance-token",
  createdAt: 1,
};
const target: IngestTarget = { kind: "instance", tenant, instance };

let directory = "";
let clock: SettableClock;
let store: Store;
let writer: EventLogWriter;
let ingest: Ingest;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-storm-"));
  clock = new SettableClock();
  const logger = createLogger("silent");
  store = await openSqliteStore({ directory, clock, logger, newEpoch: () => "epoch1" });
  await store.directory.createTenant(tenant);
  await store.directory.createInstance(scope, instance);
  writer = createEventLogWriter({ log: store.log, clock, ids: systemIds });
  ingest = createIngest({
    writer,
    finder: createInstanceFinder({ directory: store.directory, clock, ids: systemIds }),
    secretBox: createSecretBox(Buffer.alloc(32, 7)),
    clock,
    logger,
    rates: { perInstance: 10, perTenant: 0 },
  });
});
afterEach(async () => {
  writer.close();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

function send(event: string, data: unknown): ReturnType<Ingest["receive"]> {
  const body = {
    event,
    instance: "loja",
    data,
    date_time: new Date(clock.now()).toISOString(),
    server_url: "https://evo.example.com",
  };
  const headers = { "content-type": "application/json" };
  return ingest.receive({ target, bytes: Buffer.from(JSON.stringify(body)), headers });
}

function sendState(state: string, statusReason = 200): ReturnType<Ingest["receive"]> {
  return send("connection.update", { instance: "loja", state, statusReason });
}

let messages = 0;
function sendMessage(): ReturnType<Ingest["receive"]> {
  messages += 1;
  return send("messages.upsert", {
    key: { remoteJid: "5511900000001@s.whatsapp.net", fromMe: false, id: `M${messages}` },
    message: { conversation: "oi" },
    messageTimestamp: Math.floor(clock.now() / 1_000),
  });
}

interface Told {
  readonly type: string;
  readonly data: {
    readonly state?: string;
    readonly reasonCode?: number;
    readonly repeated?: number;
  };
}

async function log(): Promise<readonly Told[]> {
  const events = await store.log.readAfter(scope, 0, 1_000);
  return events.map(({ json }) => JSON.parse(json) as Told);
}

describe("a storm of connection updates", () => {
  it("of a server without network becomes one event in ten seconds, and the message in between is stored", async () => {
    for (let i = 0; i < 36 * 30; i += 1) {
      await sendState("connecting");
      if (i === 500) await sendMessage();
      clock.pass(1_000 / 36);
    }
    await sendState("open");
    const told = await log();
    const states = told.filter(({ type }) => type === "instance.connection_changed");
    expect(told.filter(({ type }) => type === "message.received")).toHaveLength(1);
    expect(states.length).toBeLessThanOrEqual(5);
    expect(states.at(-1)?.data).toMatchObject({ state: "open" });
    const repeated = states.reduce((sum, { data }) => sum + (data.repeated ?? 0), 0);
    expect(repeated + states.length).toBe(36 * 30 + 1);
    expect(ingest.notStored(instance.id)).toEqual({ coalesced: repeated, shed: 0 });
    expect(ingest.counters()).toMatchObject({
      accepted: 36 * 30 + 2,
      notStored: { coalesced: repeated, shed: 0 },
    });
  });

  it("of transitions is kept whole and in order, equal states that another separates included", async () => {
    const storm = [
      ["connecting", 200],
      ["close", 440],
      ["connecting", 200],
      ["open", 200],
      ["close", 440],
      ["connecting", 200],
      ["close", 428],
      ["connecting", 200],
      ["open", 200],
    ] as const;
    for (const [state, reason] of storm) {
      await sendState(state, reason);
      clock.pass(250);
    }
    expect((await log()).map(({ data }) => data.state)).toEqual(storm.map(([state]) => state));
  });

  it("that arrives all at once ends with the last state, whatever was being written", async () => {
    const states = Array.from({ length: 300 }, (_, i) =>
      i % 7 === 0 ? "open" : i % 3 === 0 ? "close" : "connecting",
    );
    const sent = states.map((state) => {
      clock.pass(1);
      return sendState(state);
    });
    await Promise.all(sent);
    const told = (await log()).map(({ data }) => data.state);
    const changes = (list: readonly (string | undefined)[]): readonly (string | undefined)[] =>
      list.filter((state, i) => state !== list[i - 1]);
    expect(changes(told)).toEqual(changes(states));
  });

  it("says again what is so after the gateway found out otherwise by itself", async () => {
    await sendState("open");
    await writer.appendOwn(scope, {
      type: "instance.connection_changed",
      instance: { id: instance.id, name: instance.name, provider: instance.provider },
      data: { state: "close", providerState: "close", detail: "found by asking the provider" },
      identity: { key: "own" },
    });
    clock.pass(1_000);
    await sendState("open");
    expect((await log()).map(({ data }) => data.state)).toEqual(["open", "close", "open"]);
  });

  it("is a duplicate where the same bytes come again", async () => {
    await sendState("close", 401);
    expect(await sendState("close", 401)).toEqual({ events: 0, duplicates: 1 });
    expect(ingest.notStored(instance.id)).toEqual({ coalesced: 0, shed: 0 });
  });
});

describe("a storm of presence", () => {
  it("is shed above the rate and counted, and the messages in it are all stored", async () => {
    for (let i = 0; i < 200; i += 1) {
      const jid = "5511900000001@s.whatsapp.net";
      await send("presence.update", {
        id: jid,
        presences: { [jid]: { lastKnownPresence: i % 2 === 0 ? "composing" : "paused" } },
      });
      if (i % 10 === 0) await sendMessage();
      clock.pass(5);
    }
    const told = await log();
    const stored = told.filter(({ type }) => type === "presence.updated").length;
    expect(told.filter(({ type }) => type === "message.received")).toHaveLength(20);
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(40);
    expect(ingest.notStored(instance.id)).toEqual({ coalesced: 0, shed: 200 - stored });
  });
});
