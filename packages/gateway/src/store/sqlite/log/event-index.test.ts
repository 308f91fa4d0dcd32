import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { createLogger } from "../../../base/logger.ts";
import type { Store, StoredEvent, TenantScope } from "../../contract/index.ts";
import {
  appendedEvent,
  dayOne,
  entryOf,
  newEvent,
  newTenant,
  tenantA,
  tenantB,
} from "../../testing/new-records.ts";
import { openSqliteStore } from "../index.ts";

/** Enough that the index was written twice and something is left above it: it is written after 1,024 events. */
const count = 2_300;
const minuteMs = 60_000;

let directory = "";
let store: Store;

async function open(): Promise<void> {
  const logger = createLogger("silent");
  store = await openSqliteStore({ directory, clock: systemClock, logger, newEpoch: () => "e1" });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-index-"));
  await open();
  await store.directory.createTenant(newTenant(tenantA.tenantId));
  await store.directory.createTenant(newTenant(tenantB.tenantId));
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

/** Event number `n` of a tenant: three chats, a minute for every 100. */
function numbered(n: number, prefix = "n") {
  const at = dayOne + Math.floor(n / 100) * minuteMs;
  return newEvent(`${prefix}${n}`, { chatId: `chat${n % 3}`, instanceId: "ins_1", receivedAt: at });
}

/** Two of the first tenant for one of the second. */
async function fill(): Promise<void> {
  const body = { text: "{}", meta: { headers: {} } };
  for (let n = 1; n <= count; n += 50) {
    const numbers = Array.from({ length: Math.min(50, count - n + 1) }, (_, i) => n + i);
    await Promise.all(
      numbers.flatMap((number) => [
        store.log.append(tenantA, { ...entryOf(numbered(number)), body }),
        ...(number % 2 === 0 ? [store.log.append(tenantB, entryOf(numbered(number, "b")))] : []),
      ]),
    );
  }
}

function offsetsOf(events: readonly StoredEvent[]): number[] {
  return events.map((event) => event.offset);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

async function everythingIsFound(scope: TenantScope, first: number, last: number): Promise<void> {
  for (const after of [
    0,
    first,
    300,
    511,
    690,
    1_023,
    1_024,
    1_365,
    1_900,
    2_047,
    last - 1,
    last,
  ]) {
    const expected = range(
      Math.max(after + 1, first),
      Math.min(last, Math.max(after + 1, first) + 69),
    );
    const read = offsetsOf(await store.log.readAfter(scope, Math.max(after, first - 1), 70));
    expect(read, `read after ${after}`).toEqual(expected);
    const top = Math.min(after - 1, last);
    const newest = range(Math.max(first, top - 69), top).toReversed();
    const before = await store.log.query(scope, { before: after, limit: 70 });
    expect(offsetsOf(before), `newest before ${after}`).toEqual(newest);
  }
  expect(await store.log.bounds(scope)).toEqual({ head: last, floor: first });
}

test("what is found does not depend on whether it is indexed yet, nor does a restart change it", async () => {
  await fill();
  for (const _ of [1, 2]) {
    await everythingIsFound(tenantA, 1, count);
    await everythingIsFound(tenantB, 1, count / 2);
    const byChat = await store.log.query(tenantA, { chatId: "chat1", after: 0, limit: count });
    expect(offsetsOf(byChat)).toEqual(range(1, count).filter((n) => n % 3 === 1));
    const [minute, last] = [15, Math.floor(count / 100)];
    for (const one of [0, minute, last]) {
      const since = dayOne + one * minuteMs;
      const found = await store.log.query(tenantA, {
        since,
        until: since + minuteMs,
        after: 0,
        limit: 200,
      });
      expect(offsetsOf(found)).toEqual(
        range(Math.max(1, one * 100), Math.min(count, one * 100 + 99)),
      );
    }
    for (const offset of [1, 700, 1_500, count]) {
      const [event] = await store.log.readAfter(tenantA, offset - 1, 1);
      expect(await store.log.byId(tenantA, event?.id ?? "")).toEqual(event);
      expect(await store.log.byId(tenantB, event?.id ?? "")).toBeUndefined();
    }
    expect(await store.log.lastEvents(tenantA)).toEqual([
      { instanceId: "ins_1", receivedAt: numbered(count).receivedAt, count },
    ]);
    await store.close();
    await open();
  }
  for (const n of [1, 700, 1_500, count]) {
    const [outcome] = await store.log.append(tenantA, entryOf(numbered(n)));
    expect(outcome, `a copy of ${n}`).toMatchObject({ kind: "duplicate" });
  }
});

test("after everything expired, what comes then has its own place, id, body and identity", async () => {
  await fill();
  const later = dayOne + 86_400_000;
  while ((await store.log.expire(later, later, 500)) > 0);
  expect(await store.log.bounds(tenantA)).toEqual({ head: count, floor: count + 1 });
  expect(await store.log.query(tenantA, { limit: 10 })).toEqual([]);
  const body = { text: '{"new":true}', meta: { headers: {} } };
  const [outcome] = await store.log.append(tenantA, { ...entryOf(numbered(1)), body });
  const event = appendedEvent(outcome);
  expect(event).toMatchObject({ offset: count + 1, bodyId: count * 1.5 + 1 });
  await store.close();
  await open();
  await everythingIsFound(tenantA, count + 1, count + 1);
  expect(await store.log.byId(tenantA, event.id)).toEqual(event);
  expect(await store.log.body(tenantA, event.bodyId ?? 0)).toMatchObject({ text: body.text });
  expect(await store.log.append(tenantA, entryOf(numbered(1)))).toMatchObject([
    { kind: "duplicate" },
  ]);
});
