import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { createLogger } from "../base/logger.ts";
import { SettableClock } from "../base/testing/settable-clock.ts";
import type { Store, TenantScope } from "../store/contract/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import { newEvent, newTenant, tenantA, tenantB } from "../store/testing/new-records.ts";
import { startRetention, type RetentionOptions } from "./index.ts";

const hour = 3_600_000;
const megabyte = 1_048_576;

let directory = "";
let clock: SettableClock;
let store: Store;
let stop: () => Promise<void> = async () => {};

const logger = createLogger("silent");

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-limits-"));
  clock = new SettableClock();
  // A clock of its own: the timers of this one are those of the rounds.
  store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger,
    newEpoch: () => "epoch1",
  });
  for (const { tenantId } of [tenantA, tenantB])
    await store.directory.createTenant(newTenant(tenantId));
});
afterEach(async () => {
  await stop();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

function start(limits: Partial<RetentionOptions> = {}): void {
  stop = startRetention({ store, clock, logger, retentionDays: 30, everyMs: hour, ...limits });
}

let made = 0;

/** Webhooks of 2 KB and a little. */
async function append(scope: TenantScope, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () => {
      made += 1;
      const event = newEvent(`${made}`, { receivedAt: clock.now() });
      const body = { text: JSON.stringify({ made, of: "x".repeat(2_000) }), meta: { headers: {} } };
      return store.log.append(scope, { body, events: [event] });
    }),
  );
}

async function passHours(hours: number): Promise<void> {
  for (let i = 0; i < hours; i += 1) {
    const ended = clock.nextTimer();
    clock.pass(hour);
    await ended;
  }
}

async function offsets(scope: TenantScope): Promise<readonly [floor: number, head: number]> {
  const { floor, head } = await store.log.bounds(scope);
  return [floor, head];
}

async function bytes(scope: TenantScope): Promise<number> {
  return (await store.log.keptBytes(scope)) ?? 0;
}

test("a tenant's own days hold for its events alone, until they are taken away", async () => {
  await store.directory.updateTenant(tenantA.tenantId, { retentionDays: 2 });
  start();
  await append(tenantA, 3);
  await append(tenantB, 3);
  await passHours(24);
  await append(tenantA, 1);
  await passHours(26);
  expect([await offsets(tenantA), await offsets(tenantB)]).toEqual([
    [4, 4],
    [1, 3],
  ]);
  await store.directory.updateTenant(tenantA.tenantId, { retentionDays: null });
  await passHours(26);
  expect(await offsets(tenantA)).toEqual([4, 4]);
});

test("above a tenant's size its oldest events go, the newest stay, and nobody else's are touched", async () => {
  await store.directory.updateTenant(tenantA.tenantId, { maxMegabytes: 1 });
  start();
  await append(tenantA, 1_500);
  await append(tenantB, 1_500);
  await passHours(1);
  const [floor, head] = await offsets(tenantA);
  const keptBytes = await bytes(tenantA);
  expect([head, await offsets(tenantB)]).toEqual([1_500, [1, 1_500]]);
  expect(keptBytes).toBeLessThanOrEqual(megabyte);
  expect(keptBytes).toBeGreaterThan(megabyte * 0.9);
  const kept = await store.log.readAfter(tenantA, 0, 1_000);
  expect(kept.map(({ offset }) => offset)).toEqual(
    Array.from({ length: head - floor + 1 }, (_, index) => floor + index),
  );
  await passHours(2);
  expect(await offsets(tenantA)).toEqual([floor, head]);
});

test("a size for all holds for each tenant by itself; a tenant's own is instead of it", async () => {
  await store.directory.updateTenant(tenantB.tenantId, { maxMegabytes: 2 });
  start({ maxBytes: megabyte });
  await append(tenantA, 1_300);
  await append(tenantB, 1_300);
  await passHours(1);
  const sizes = [await bytes(tenantA), await bytes(tenantB)];
  for (const [index, keptBytes] of sizes.entries()) {
    expect(keptBytes).toBeLessThanOrEqual((index + 1) * megabyte);
    expect(keptBytes).toBeGreaterThan((index + 1) * megabyte * 0.9);
  }
});

test("events of an age are compressed and take less of a tenant's size", async () => {
  start({ coldAfterMs: 24 * hour });
  await append(tenantA, 1_200);
  await passHours(23);
  const hot = await bytes(tenantA);
  const before = await store.log.readAfter(tenantA, 0, 1_000);
  await passHours(2);
  const cold = await bytes(tenantA);
  expect(cold).toBeLessThan(hot * 0.6);
  expect(await store.log.readAfter(tenantA, 0, 1_000)).toEqual(before);
});
