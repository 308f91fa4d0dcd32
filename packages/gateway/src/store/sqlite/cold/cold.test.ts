import { randomUUID } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { createLogger } from "../../../base/logger.ts";
import type {
  AppendEntry,
  NewEvent,
  Store,
  StoredEvent,
  TenantScope,
} from "../../contract/index.ts";
import { dayOne, newEvent, newTenant, tenantA, tenantB } from "../../testing/new-records.ts";
import { openSqliteStore } from "../index.ts";

const minuteMs = 60_000;
const later = dayOne + 10_000 * minuteMs;

let directory = "";
let store: Store;

async function open(): Promise<void> {
  const logger = createLogger("silent");
  store = await openSqliteStore({ directory, clock: systemClock, logger, newEpoch: () => "e1" });
}

async function reopen(): Promise<void> {
  await store.close();
  await open();
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-cold-"));
  await open();
  for (const scope of [tenantA, tenantB])
    await store.directory.createTenant(newTenant(scope.tenantId));
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

/** What the file itself holds, beside the store. */
function inFile(sql: string): number {
  const db = new DatabaseSync(join(directory, "recado.db"), { readOnly: true });
  try {
    return Number(Object.values(db.prepare(sql).get() ?? {})[0]);
  } finally {
    db.close();
  }
}

function textOf(n: number): string {
  return `Mensagem ${n} 📦: o pedido já saiu para entrega e deve chegar antes do meio-dia`;
}

/** An event whose envelope is built as the gateway's; `said` of the body is in the event too. */
function eventOf(scope: TenantScope, n: number, changes: Partial<NewEvent> = {}): NewEvent {
  const id = `evt_${randomUUID()}`;
  const at = dayOne + n * minuteMs;
  const time = new Date(at).toISOString();
  const envelope = {
    id,
    type: "message.received",
    tenantId: scope.tenantId,
    instance: { id: "ins_1", name: "loja", provider: "evolution" },
    occurredAt: time,
    receivedAt: time,
    chat: { id: `551190000${n % 7}@s.whatsapp.net`, kind: "person" },
    data: { messageId: `MESSAGE${n}`, content: { kind: "text", text: textOf(n) } },
  };
  return newEvent(`${scope.tenantId} ${n} ${changes.index ?? 0}`, {
    id,
    occurredAt: at,
    receivedAt: at,
    chatId: envelope.chat.id,
    phone: `551190000${n % 7}`,
    messageId: `MESSAGE${n}`,
    json: JSON.stringify(envelope),
    ...changes,
  });
}

function entry(scope: TenantScope, n: number, extra = ""): AppendEntry {
  const body = {
    text: JSON.stringify({ conversation: textOf(n), n, extra }),
    meta: { headers: { "user-agent": "axios/1.7.9", ...(n % 9 === 0 ? { nonce: `${n}` } : {}) } },
  };
  return { body, events: [eventOf(scope, n)] };
}

/** Of every kind: usual ones, a body of many events, a large body, none, an envelope of another form. */
async function fill(scope: TenantScope, count: number): Promise<void> {
  const written: Promise<unknown>[] = [];
  for (let n = 1; n <= count; n += 1) {
    if (n === 40) {
      const events = Array.from({ length: 150 }, (_, index) => eventOf(scope, n, { index }));
      written.push(store.log.append(scope, { ...entry(scope, n), events }));
    } else if (n === 70)
      written.push(store.log.append(scope, entry(scope, n, "x".repeat(300_000))));
    else if (n % 20 === 0) written.push(store.log.append(scope, { events: [eventOf(scope, n)] }));
    else if (n % 11 === 0)
      written.push(
        store.log.append(scope, {
          events: [newEvent(`${scope.tenantId} ${n}`, { receivedAt: dayOne + n * minuteMs })],
        }),
      );
    else written.push(store.log.append(scope, entry(scope, n)));
  }
  await Promise.all(written);
}

async function readAll(scope: TenantScope): Promise<readonly StoredEvent[]> {
  const all: StoredEvent[] = [];
  for (;;) {
    const page = await store.log.readAfter(scope, all.at(-1)?.offset ?? 0, 333);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

async function compactAll(before = later): Promise<void> {
  while (await store.log.compact(before));
}

/** Everything that anybody can read of a tenant's log. */
async function everything(scope: TenantScope) {
  const events = await readAll(scope);
  const bodyIds = [...new Set(events.flatMap(({ bodyId }) => bodyId ?? []))];
  return {
    events,
    bodies: await Promise.all(bodyIds.map((id) => store.log.body(scope, id))),
    byId: await Promise.all(events.slice(0, 300).map(({ id }) => store.log.byId(scope, id))),
    byPhone: await store.log.query(scope, { phone: "5511900003", limit: 1_000 }),
    byMessage: await store.log.query(scope, { messageId: "MESSAGE65", limit: 10 }),
    byTime: await store.log.query(scope, {
      since: dayOne,
      until: dayOne + 90 * minuteMs,
      limit: 500,
    }),
  };
}

test("nothing that is read changes when it goes into blocks, nor after a reopening", async () => {
  await Promise.all([fill(tenantA, 1_500), fill(tenantB, 700)]);
  const before = [await everything(tenantA), await everything(tenantB)];
  await compactAll();
  expect(inFile("SELECT count(*) FROM cold_blocks")).toBeGreaterThan(20);
  expect(inFile("SELECT count(*) FROM events WHERE json = ''")).toBeGreaterThan(1_500);
  expect([await everything(tenantA), await everything(tenantB)]).toEqual(before);
  await reopen();
  expect([await everything(tenantA), await everything(tenantB)]).toEqual(before);
  await fill(tenantA, 0);
  const copy = await store.log.append(tenantA, entry(tenantA, 5));
  expect(copy).toMatchObject([{ kind: "duplicate", of: before[0]?.events[4]?.id }]);
});

test("also when it grows and is compressed bit by bit, tenants of different speed in turns", async () => {
  for (let n = 1; n <= 400; n += 1) {
    await store.log.append(tenantA, entry(tenantA, n));
    if (n % 8 === 0) await store.log.append(tenantB, entry(tenantB, n));
    if (n % 70 === 0) await compactAll();
  }
  for (let n = 401; n <= 900; n += 1) {
    await store.log.append(tenantB, entry(tenantB, n));
    if (n % 70 === 0) await compactAll();
  }
  await Promise.all(
    Array.from({ length: 1_100 }, (_, n) => store.log.append(tenantA, entry(tenantA, 2_000 + n))),
  );
  await compactAll();
  for (const scope of [tenantA, tenantB]) {
    const events = await readAll(scope);
    expect(events.map(({ offset }) => offset)).toEqual(events.map((_, index) => index + 1));
    for (const { json, bodyId = 0 } of events) {
      const { data } = JSON.parse(json) as { data: { content: { text: string } } };
      const body = await store.log.body(scope, bodyId);
      expect(JSON.parse(body?.text ?? "{}").conversation).toBe(data.content.text);
    }
  }
  // What is in a block is nowhere else.
  const doubled = `SELECT count(*) FROM cold_blocks b JOIN event_places p ON p.tenant = b.tenant
    AND p."offset" BETWEEN b.first_offset AND b.last_offset JOIN events e ON e.position = p.position
    WHERE e.position <= (SELECT packed FROM log_progress) AND
      (e.json <> '' OR EXISTS (SELECT 1 FROM bodies WHERE id = e.body))`;
  expect(inFile(doubled)).toBe(0);
  expect(inFile("SELECT packed FROM log_progress")).toBeGreaterThan(900);
});

test("young events, and those of a quiet tenant, stay rows", async () => {
  await Promise.all([fill(tenantA, 1_200), fill(tenantB, 30)]);
  await compactAll(dayOne + 600 * minuteMs);
  const blocks = `SELECT max(b.last_offset) FROM cold_blocks b`;
  const old = (await readAll(tenantA)).filter(
    (event) => event.receivedAt < dayOne + 600 * minuteMs,
  );
  expect(inFile(blocks)).toBeLessThanOrEqual(old.length);
  expect(inFile(blocks)).toBeGreaterThan(old.length - 64);
  expect(inFile("SELECT count(DISTINCT tenant) FROM cold_blocks")).toBe(1);
});

test("expired events are gone from blocks: a body that no kept event has is not read", async () => {
  await fill(tenantA, 1_200);
  await compactAll();
  const events = await readAll(tenantA);
  const cut = events[230];
  expect(cut).toBeDefined();
  const before = cut?.receivedAt ?? 0;
  while ((await store.log.expire(before, later, 100)) > 0);
  const kept = await readAll(tenantA);
  expect(kept).toEqual(events.filter((event) => event.receivedAt >= before));
  const keptBodies = new Set(kept.map(({ bodyId }) => bodyId));
  for (const { bodyId } of events) {
    if (bodyId === undefined) continue;
    const body = await store.log.body(tenantA, bodyId);
    expect(body !== undefined, `body ${bodyId}`).toBe(keptBodies.has(bodyId));
  }
  while ((await store.log.expire(later, later, 500)) > 0);
  expect(inFile("SELECT count(*) FROM cold_blocks")).toBe(0);
  expect(inFile("SELECT count(*) FROM bodies")).toBe(0);
});

test("how much a tenant keeps is always the sum of what is there", async () => {
  const sum = `SELECT (SELECT sum(octet_length(json) + 256) FROM events) + coalesce((SELECT sum(octet_length(text)) FROM bodies), 0)
    + coalesce((SELECT sum(octet_length(events) + coalesce(octet_length(bodies), 0)) FROM cold_blocks), 0)`;
  const counted = "SELECT sum(kept_bytes) FROM log_tenants";
  await Promise.all([fill(tenantA, 1_200), fill(tenantB, 500)]);
  await store.log.expire(0, later, 1);
  const whole = inFile(counted);
  expect(whole).toBe(inFile(sum));
  expect(await store.log.keptBytes(tenantA)).toBeGreaterThan(whole / 2);
  await compactAll(dayOne + 300 * minuteMs);
  expect(inFile(counted)).toBe(inFile(sum));
  while ((await store.log.expire(dayOne + 200 * minuteMs, later, 77)) > 0);
  expect(inFile(counted)).toBe(inFile(sum));
  await compactAll();
  expect(inFile(counted)).toBe(inFile(sum));
  expect(inFile(counted)).toBeLessThan(whole);
});

test("what is free goes back to the disk", async () => {
  for (let round = 0; round < 4; round += 1)
    await Promise.all(
      Array.from({ length: 500 }, (_, n) =>
        store.log.append(tenantA, entry(tenantA, round * 500 + n, "x".repeat(8_000))),
      ),
    );
  await reopen();
  const path = join(directory, "recado.db");
  const { size } = await stat(path);
  while ((await store.log.expire(later, later, 500)) > 0);
  await compactAll();
  await store.close();
  expect((await stat(path)).size).toBeLessThan(size / 4);
  await open();
});

test("of a deleted tenant nothing is left in blocks or texts", async () => {
  await Promise.all([fill(tenantA, 1_200), fill(tenantB, 300)]);
  await compactAll();
  await store.directory.deleteTenant(tenantA.tenantId);
  await expect
    .poll(() => inFile("SELECT count(*) FROM log_tenants WHERE tenant_id IS NULL"), {
      timeout: 10_000,
    })
    .toBe(0);
  for (const table of ["cold_blocks", "log_texts", "events", "bodies"]) {
    const others = `SELECT count(*) FROM ${table} WHERE tenant NOT IN (SELECT number FROM log_tenants)`;
    expect(inFile(others), table).toBe(0);
  }
  expect((await readAll(tenantB)).length).toBeGreaterThan(300);
});
