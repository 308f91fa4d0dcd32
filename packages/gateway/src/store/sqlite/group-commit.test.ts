import { closeSync, fstatSync, openSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import { FileGuard } from "./faults/file-guard.ts";
import { GroupCommit, type CommitHooks, type GroupCommitOptions } from "./group-commit.ts";

type Done = (error: Error | null) => void;

/** Syncs that the test lets end, one by one. */
class HeldSync {
  readonly #waiting: Done[] = [];
  #arrived: (() => void) | undefined;
  calls = 0;

  readonly sync = (_fd: number, done: Done): void => {
    this.calls += 1;
    this.#waiting.push(done);
    this.#arrived?.();
  };

  async next(): Promise<Done> {
    const done = this.#waiting.shift();
    if (done) return done;
    await new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    return this.next();
  }
}

const cost = { rows: 1, bytes: 10 };
const noHooks: CommitHooks = { beforeCommit() {}, rolledBack() {}, durable() {} };

let directory = "";
let db: DatabaseSync;
let walFd = 0;
let held: HeldSync;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-commit-"));
  db = new DatabaseSync(join(directory, "test.db"));
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER UNIQUE, text TEXT)");
  walFd = openSync(join(directory, "test.db-wal"), "r+");
  held = new HeldSync();
});

afterEach(async () => {
  db.close();
  closeSync(walFd);
  await rm(directory, { recursive: true, force: true });
});

function openWriter(
  hooks: CommitHooks = noHooks,
  more: Partial<GroupCommitOptions> = {},
): GroupCommit {
  const logger = createLogger("silent");
  const { sync } = held;
  return new GroupCommit({ db, walFd, clock: systemClock, logger, hooks, sync, ...more });
}

function insert(n: number, text = ""): () => number {
  return () => Number(db.prepare("INSERT INTO t VALUES (?, ?)").run(n, text).changes);
}

function stored(): readonly unknown[] {
  return db
    .prepare("SELECT n FROM t ORDER BY n")
    .all()
    .map((row) => row["n"]);
}

/** Lets everything run that does not wait for a sync. */
function settleLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

describe("one flush", () => {
  test("I1 a write resolves only after the sync that covers its commit", async () => {
    const writer = openWriter();
    const order: string[] = [];
    const write = writer
      .write(cost, insert(1), () => order.push("durable"))
      .then(() => order.push("resolved"));
    const done = await held.next();
    await settleLoop();
    expect(stored()).toEqual([1]);
    expect(order).toEqual([]);
    order.push("synced");
    done(null);
    await write;
    expect(order).toEqual(["synced", "durable", "resolved"]);
  });

  test("I2 nothing is written while a sync is under way; what arrived meanwhile shares the next commit", async () => {
    const writer = openWriter();
    const first = writer.write(cost, insert(1));
    const done = await held.next();
    const more = [2, 3, 4].map((n) => writer.write(cost, insert(n)));
    await settleLoop();
    expect(stored()).toEqual([1]);
    done(null);
    await first;
    (await held.next())(null);
    await Promise.all(more);
    expect(stored()).toEqual([1, 2, 3, 4]);
    expect(held.calls).toBe(2);
  });

  test("a transaction holds a bounded number of rows; the order of arrival is kept", async () => {
    const writer = openWriter();
    const order: number[] = [];
    const writes = Array.from({ length: 1_000 }, (_, n) =>
      writer.write(cost, insert(n)).then(() => order.push(n)),
    );
    (await held.next())(null);
    (await held.next())(null);
    await Promise.all(writes);
    expect(held.calls).toBe(2);
    expect(order).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });

  test("a read of durable data waits for the sync under way and runs before the next commit", async () => {
    const writer = openWriter();
    const first = writer.write(cost, insert(1));
    const done = await held.next();
    const second = writer.write(cost, insert(2));
    const early = writer.readDurable(stored);
    expect(await writer.read(stored)).toEqual([1]);
    let isRead = false;
    void early.then(() => {
      isRead = true;
    });
    await settleLoop();
    expect(isRead).toBe(false);
    done(null);
    expect(await early).toEqual([1]);
    await first;
    (await held.next())(null);
    await second;
    expect(await writer.readDurable(stored)).toEqual([1, 2]);
  });
});

describe("what fails", () => {
  test("I3 a job that throws fails alone with its own error, and leaves nothing of what it wrote", async () => {
    let rolledBack = 0;
    const writer = openWriter({ ...noHooks, rolledBack: () => (rolledBack += 1) });
    const mistake = new Error("a mistake");
    const results = Promise.allSettled([
      writer.write(cost, insert(1)),
      writer.write(cost, () => {
        insert(2)();
        throw mistake;
      }),
      writer.write(cost, insert(1)),
      writer.write(cost, insert(3)),
    ]);
    (await held.next())(null);
    expect(await results).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: mistake },
      { status: "rejected", reason: { errcode: 2067 } },
      { status: "fulfilled" },
    ]);
    expect(stored()).toEqual([1, 3]);
    expect(rolledBack).toBe(3);
  });

  test("I4 after a failed sync everything waiting and everything later is refused, and the store says so once", async () => {
    const writer = openWriter();
    const first = writer.write(cost, insert(1));
    const done = await held.next();
    const waiting = writer.write(cost, insert(2));
    const read = writer.readDurable(stored);
    const refused = Promise.allSettled([first, waiting, read]);
    done(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }));
    for (const result of await refused) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "store_unavailable" } });
    }
    expect(await writer.failed).toMatchObject({
      code: "store_unavailable",
      cause: { code: "EIO" },
    });
    await expect(writer.write(cost, insert(3))).rejects.toMatchObject({
      code: "store_unavailable",
    });
    await expect(writer.readDurable(stored)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(writer.accepts).toBe(false);
    expect(held.calls).toBe(1);
    await writer.close();
  });

  test("I6 a full disk refuses everything until a probe was written and synced, without a write that tries", async () => {
    let recovered = 0;
    const writer = openWriter(noHooks, { recovered: () => (recovered += 1) });
    const limit = db.prepare("PRAGMA page_count").get()?.["page_count"];
    db.exec(`PRAGMA max_page_count = ${Number(limit)}`);
    const refused = Promise.allSettled([
      writer.write(cost, insert(1)),
      writer.write(cost, insert(2, "x".repeat(100_000))),
    ]);
    for (const result of await refused) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { code: "store_unavailable", cause: { errcode: 13 } },
      });
    }
    expect(stored()).toEqual([]);
    expect(writer.health(undefined)).toMatchObject({
      state: "refusing",
      reason: "the disk is full",
      refusedWrites: 2,
    });
    // Would fit, and is refused all the same: what waits for an answer must not be the one that tries.
    await expect(writer.write(cost, insert(3))).rejects.toMatchObject({
      code: "store_unavailable",
      details: ["the disk is full"],
    });
    expect(writer.accepts).toBe(false);
    db.exec("PRAGMA max_page_count = 100000");
    const probed = await held.next();
    expect(writer.health(undefined)).toMatchObject({ state: "refusing", refusedWrites: 3 });
    expect(recovered).toBe(0);
    probed(null);
    expect(writer.health(undefined)).toMatchObject({ state: "well", refusedWrites: 3 });
    expect(recovered).toBe(1);
    const write = writer.write(cost, insert(4, "x".repeat(100_000)));
    (await held.next())(null);
    expect(await write).toBe(1);
    // A probe leaves nothing behind.
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()).toEqual([
      { name: "t" },
    ]);
  });

  test("I6 a probe whose sync fails is the end, as any other", async () => {
    const writer = openWriter();
    db.exec("PRAGMA max_page_count = 2");
    await expect(writer.write(cost, insert(1, "x".repeat(100_000)))).rejects.toThrow();
    db.exec("PRAGMA max_page_count = 100000");
    (await held.next())(new Error("EIO"));
    await writer.failed;
    expect(writer.health(undefined)).toMatchObject({
      state: "failed",
      reason: "a sync failed: what was written may not be on disk",
    });
  });

  test("another writer's lock refuses until it is gone", async () => {
    const writer = openWriter();
    const other = new DatabaseSync(join(directory, "test.db"));
    other.exec("BEGIN IMMEDIATE");
    await expect(writer.write(cost, insert(1))).rejects.toMatchObject({
      code: "store_unavailable",
      details: ["another program holds the database"],
    });
    other.exec("ROLLBACK");
    other.close();
    (await held.next())(null);
    const write = writer.write(cost, insert(2));
    (await held.next())(null);
    expect(await write).toBe(1);
  });

  test("I4 damage that a read meets is the end: what waits is refused, a commit under way as well", async () => {
    const writer = openWriter();
    const underWay = writer.write(cost, insert(1));
    const done = await held.next();
    const waiting = writer.write(cost, insert(2));
    const damage = Object.assign(new Error("malformed"), { errcode: 11 });
    const read = writer.read(() => {
      throw damage;
    });
    await expect(read).rejects.toMatchObject({ code: "store_unavailable", cause: damage });
    await expect(waiting).rejects.toMatchObject({ code: "store_unavailable" });
    done(null);
    await expect(underWay).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await writer.failed).toMatchObject({ cause: damage });
    expect(writer.health(undefined)).toMatchObject({
      state: "failed",
      reason: "the database is damaged",
    });
  });

  test("I4 a WAL that was removed acknowledges nothing, and what was acknowledged moves into the database", async () => {
    const path = join(directory, "test.db-wal");
    const guard = new FileGuard(path, fstatSync(walFd));
    const writer = openWriter(noHooks, { walInPlace: () => guard.isInPlace() });
    const first = writer.write(cost, insert(1));
    (await held.next())(null);
    await first;
    await rename(path, join(directory, "elsewhere"));
    const second = writer.write(cost, insert(2));
    const refused = Promise.allSettled([second]);
    (await held.next())(null);
    expect(await refused).toMatchObject([{ reason: { code: "store_unavailable" } }]);
    await writer.failed;
    const found = new DatabaseSync(join(directory, "test.db"), { readOnly: true });
    expect(found.prepare("SELECT n FROM t WHERE n = 1").all()).toEqual([{ n: 1 }]);
    found.close();
  });
});

describe("bounds", () => {
  test("I5 what waits is bounded in number; what was accepted is written", async () => {
    const writer = openWriter();
    const accepted = Array.from({ length: 10_000 }, () => writer.write(cost, () => 1));
    await expect(writer.write(cost, insert(1))).rejects.toMatchObject({
      code: "store_unavailable",
    });
    while (held.calls < Math.ceil(10_000 / 512)) (await held.next())(null);
    expect(await Promise.all(accepted)).toHaveLength(10_000);
  });

  test("I5 what waits is bounded in bytes, but one write larger than the bound passes alone", async () => {
    const writer = openWriter();
    const large = { rows: 1, bytes: 65 * 1024 * 1024 };
    const first = writer.write(large, insert(1));
    await expect(writer.write(cost, insert(2))).rejects.toMatchObject({
      code: "store_unavailable",
    });
    (await held.next())(null);
    expect(await first).toBe(1);
    const again = writer.write(cost, insert(2));
    (await held.next())(null);
    expect(await again).toBe(1);
  });

  test("closing waits for what was accepted and refuses what comes after", async () => {
    const writer = openWriter();
    const write = writer.write(cost, insert(1));
    const closed = writer.close();
    await expect(writer.write(cost, insert(2))).rejects.toMatchObject({
      code: "store_unavailable",
    });
    (await held.next())(null);
    await closed;
    expect(await write).toBe(1);
    expect(stored()).toEqual([1]);
  });
});
