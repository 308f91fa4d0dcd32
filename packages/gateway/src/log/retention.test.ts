import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evolution, type EventDraft } from "@recado/providers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.ts";
import { systemIds } from "../base/ids.ts";
import { createLogger } from "../base/logger.ts";
import { SettableClock } from "../base/testing/settable-clock.ts";
import type { Store } from "../store/contract/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import { createEventLogWriter, startRetention, type EventLogWriter } from "./index.ts";

const scope = { tenantId: "acme" };
const hour = 3_600_000;
const day = 24 * hour;
const retentionDays = 30;

let directory = "";
let clock: SettableClock;
let store: Store;
let writer: EventLogWriter;
let stop: () => Promise<void>;

const logger = createLogger("silent");

function startRounds(): () => Promise<void> {
  return startRetention({ store, clock, logger, retentionDays, everyMs: hour });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-retention-"));
  clock = new SettableClock();
  // A clock of its own: the timers of this one are those of the rounds.
  store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger,
    newEpoch: () => "epoch1",
  });
  await store.directory.createTenant({
    id: scope.tenantId,
    name: "Acme",
    active: true,
    ingestToken: "token",
    createdAt: 1,
  });
  writer = createEventLogWriter({ log: store.log, clock, ids: systemIds });
  stop = startRounds();
});
afterEach(async () => {
  await stop();
  writer.close();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

async function append(windowMs?: number, key: string = systemIds.token(6)): Promise<string> {
  const [outcome] = await writer.appendWebhook(scope, {
    provider: evolution,
    instance: { id: "ins_1", name: "loja", provider: "evolution" },
    body: { text: "{}", meta: { headers: {} } },
    parsed: {},
    bodyHash: key,
    source: "test",
    receivedAt: clock.now(),
    drafts: [
      {
        type: "message.received",
        identity: { key, ...(windowMs === undefined ? {} : { windowMs }) },
        data: { messageId: key, content: { kind: "text", text: "oi" } },
      } as EventDraft,
    ],
  });
  return outcome?.kind ?? "none";
}

/** Lets hours pass, one round after each, and waits for the end of each round. */
async function passHours(hours: number): Promise<void> {
  for (let i = 0; i < hours; i += 1) {
    const ended = clock.nextTimer();
    clock.pass(hour);
    await ended;
  }
}

async function stored(): Promise<number> {
  const { head, floor } = await store.log.bounds(scope);
  return head - floor + 1;
}

describe("retention", () => {
  it("deletes what is older than its days while the clock goes its way", async () => {
    await append();
    await passHours(retentionDays * 24);
    expect(await stored()).toBe(1);
    await append();
    await passHours(1);
    expect(await stored()).toBe(1);
    expect((await store.log.readAfter(scope, 0, 10)).map(({ offset }) => offset)).toEqual([2]);
  });

  it.each([
    ["a day beyond the retention", (retentionDays + 1) * day],
    ["a year", 365 * day],
    ["to the year 2100", Date.UTC(2100, 0, 1) - Date.UTC(2026, 2, 2)],
  ])(
    "deletes nothing for a day when the clock leaps %s, and nothing at all when it is set right",
    async (_name, leap) => {
      for (let i = 0; i < 3; i += 1) await append();
      await passHours(2);
      const right = clock.now();
      clock.set(right + leap);
      await append();
      await passHours(23);
      expect(await stored()).toBe(4);
      clock.set(right + 23 * hour);
      await append();
      await passHours(48);
      expect(await stored()).toBe(5);
      expect((await store.log.readAfter(scope, 0, 10)).map(({ offset }) => offset)).toEqual([
        1, 2, 3, 4, 5,
      ]);
    },
  );

  it("goes by the new time when the clock stands by it for a day", async () => {
    await append();
    await passHours(1);
    clock.set(clock.now() + 365 * day);
    await passHours(24);
    expect(await stored()).toBe(1);
    await passHours(2);
    expect(await stored()).toBe(0);
  });

  it("doubts a clock that is far ahead of the newest event when it starts", async () => {
    await append();
    await stop();
    clock.set(clock.now() + 365 * day);
    stop = startRounds();
    await passHours(23);
    expect(await stored()).toBe(1);
    await passHours(3);
    expect(await stored()).toBe(0);
  });

  it.each([-hour, -40 * day, -Date.UTC(2026, 2, 2, 10)])(
    "keeps everything, and the order, when the clock is set back by %d ms",
    async (back) => {
      await append();
      clock.set(clock.now() + back);
      await append();
      await passHours(30);
      expect((await store.log.readAfter(scope, 0, 10)).map(({ offset }) => offset)).toEqual([1, 2]);
    },
  );
});

describe("the window of what has no identity of its own", () => {
  const windowMs = 35 * 60_000;

  it.each([-400 * day, -day, -hour, hour, day, 400 * day])(
    "is neither ended nor drawn out when the clock is set by %d ms",
    async (jump) => {
      expect(await append(windowMs, "state")).toBe("appended");
      clock.pass(windowMs / 2);
      clock.set(clock.now() + jump);
      expect(await append(windowMs, "state")).toBe("duplicate");
      clock.pass(windowMs / 2 + 1);
      expect(await append(windowMs, "state")).toBe("appended");
    },
  );

  it.each([-400 * day, -2 * hour, 2 * hour])(
    "does not swallow what is new after a start with a clock set by %d ms",
    async (jump) => {
      expect(await append(windowMs, "state")).toBe("appended");
      writer.close();
      clock.set(clock.now() + jump);
      writer = createEventLogWriter({ log: store.log, clock, ids: systemIds });
      expect(await append(windowMs, "state")).toBe("appended");
    },
  );
});
