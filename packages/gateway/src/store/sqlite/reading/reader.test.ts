import { fdatasync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { createLogger } from "../../../base/logger.ts";
import type { Store } from "../../contract/index.ts";
import { newEvent, newTenant, tenantA, tenantB } from "../../testing/new-records.ts";
import { openSqliteStore, type SyncFile } from "../index.ts";
import { Reader } from "./reader.ts";

let directory = "";
let store: Store;
let held: (() => void)[] | undefined;

/** Syncs at once, or, while `held` is a list, when the test says so. */
const sync: SyncFile = (fd, done) => {
  const run = (): void => fdatasync(fd, done);
  if (held) held.push(run);
  else run();
};

beforeEach(async () => {
  held = undefined;
  directory = await mkdtemp(join(tmpdir(), "recado-reader-"));
  store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger: createLogger("silent"),
    newEpoch: () => "epoch1",
    sync,
  });
  await store.directory.createTenant(newTenant(tenantA.tenantId));
  await store.directory.createTenant(newTenant(tenantB.tenantId));
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

async function append(...names: readonly string[]): Promise<void> {
  await store.log.append(tenantA, { events: names.map((name) => newEvent(name)) });
}

async function found(): Promise<readonly number[]> {
  return (await store.log.query(tenantA, { limit: 1_000 })).map(({ offset }) => offset);
}

describe("the reader thread", () => {
  it("answers with everything that was acknowledged before the question", async () => {
    for (let n = 1; n <= 20; n++) {
      await append(`e${n}`);
      expect((await found())[0]).toBe(n);
    }
  });

  it("shows nothing that is committed but not yet on disk", async () => {
    await append("safe");
    held = [];
    const waiting = append("unsafe");
    await expect.poll(() => held?.length).toBe(1);
    expect(await found()).toEqual([1]);
    expect(await store.log.query(tenantA, { limit: 10, after: 0 })).toHaveLength(1);
    const [release] = held;
    held = undefined;
    release?.();
    await waiting;
    expect(await found()).toEqual([2, 1]);
  });

  it("keeps an unsynced step of the index out of its answers as well", async () => {
    await append(...Array.from({ length: 1_000 }, (_, n) => `before-${n}`));
    held = [];
    const waiting = append(...Array.from({ length: 100 }, (_, n) => `after-${n}`));
    await expect.poll(() => held?.length).toBe(1);
    expect((await found())[0]).toBe(1_000);
    const [release] = held;
    held = undefined;
    release?.();
    await waiting;
    expect((await found())[0]).toBe(1_100);
  });

  it("refuses questions of a closed store", async () => {
    await found();
    await store.close();
    await expect(found()).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("refuses what needs its own file while that cannot be opened, and answers the rest", async () => {
    await append("one");
    await mkdir(join(directory, "views.db"));
    const asked = store.views.chats(tenantA, { limit: 10 });
    await expect(asked).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await found()).toEqual([1]);
    await rmdir(join(directory, "views.db"));
    await expect(store.views.chats(tenantA, { limit: 10 })).resolves.toBeDefined();
  });

  it("that dies refuses what waits, and the next question gets a new one", async () => {
    const large = { data: JSON.stringify({ text: "x".repeat(200_000) }) };
    for (let n = 0; n < 150; n++)
      await store.log.append(tenantA, { events: [newEvent(`large-${n}`, large)] });
    const failures: unknown[] = [];
    const logger = createLogger("silent");
    logger.error = (about: unknown) => failures.push(about);
    const database = join(directory, "recado.db");
    const reader = new Reader({
      database,
      views: { path: join(directory, "views.db"), textSearch: false },
      logger,
      durablePosition: () => 150,
      damaged() {},
      maxHeapMb: 16,
    });
    const { tenantId } = tenantA;
    const query = (limit: number) => reader.ask("query", { tenantId, filter: { limit } });
    expect(await query(1)).toHaveLength(1);
    await expect(query(1_000)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(failures).toHaveLength(1);
    expect(await query(1)).toHaveLength(1);
    await reader.close();
    await expect(query(1)).rejects.toMatchObject({ code: "store_unavailable" });
  });
});
