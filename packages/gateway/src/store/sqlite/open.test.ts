import {
  cp,
  mkdir,
  mkdtemp,
  open as openFile,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { SettableClock } from "../../base/testing/settable-clock.ts";
import { createLogger } from "../../base/logger.ts";
import type { Store } from "../contract/index.ts";
import { appendedEvent, entryOf, newEvent, newTenant, tenantA } from "../testing/new-records.ts";
import {
  openSqliteStore,
  StoreOpenError,
  type SqliteStoreOptions,
  type SyncFile,
} from "./index.ts";
import { newestSchema } from "./migrate.ts";
import { runScript } from "./testing/run-script.ts";

let parent = "";
let directory = "";
const opened: Store[] = [];

async function open(changes: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  const logger = createLogger("silent");
  const store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger,
    newEpoch: () => "e1",
    ...changes,
  });
  opened.push(store);
  return store;
}

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "recado-open-"));
  directory = join(parent, "data", "nested");
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(parent, { recursive: true, force: true });
});

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe("the folder", () => {
  test("is made for its owner only, and so is every file in it", async () => {
    const store = await open();
    await store.directory.createTenant(newTenant(tenantA.tenantId));
    await store.log.append(tenantA, entryOf(newEvent("x")));
    expect(await modeOf(directory)).toBe("700");
    for (const name of ["recado.db", "recado.db-wal", "recado.db-shm", "recado.lock"]) {
      expect(`${name} ${await modeOf(join(directory, name))}`).toBe(`${name} 600`);
    }
  });

  test("I1 belongs to one store: a second in the same process is refused in plain words", async () => {
    await open();
    await expect(open()).rejects.toThrow(StoreOpenError);
    await expect(open()).rejects.toThrow(/in use by another Recado process/);
    await opened.pop()?.close();
    await expect(open()).resolves.toBeDefined();
  });

  test("I1 a second process is refused, and let in once the first has let go", async () => {
    const store = await open();
    const script = new URL("./testing/open-once.ts", import.meta.url);
    expect(await runScript(script, [directory])).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("in use"),
    });
    await store.close();
    expect(await runScript(script, [directory])).toMatchObject({ code: 0 });
  });

  test("closing twice is closing once, and a closed store refuses everything", async () => {
    const store = await open();
    await Promise.all([store.close(), store.close()]);
    const refused = { code: "store_unavailable" };
    await expect(store.log.append(tenantA, entryOf(newEvent("x")))).rejects.toMatchObject(refused);
    await expect(store.log.readAfter(tenantA, 0, 1)).rejects.toMatchObject(refused);
    await expect(store.directory.tenant("x")).rejects.toMatchObject(refused);
    await expect(store.deliveries.counts(tenantA)).rejects.toMatchObject(refused);
  });
});

describe("the schema", () => {
  test("comes from nothing, and a second opening changes nothing", async () => {
    await (await open()).close();
    const read = () => {
      const db = new DatabaseSync(join(directory, "recado.db"), { readOnly: true });
      const schema = db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all();
      const pages = db.prepare("PRAGMA page_size").get();
      const version = db.prepare("PRAGMA user_version").get();
      db.close();
      return { schema, pages, version };
    };
    const first = read();
    expect(first).toMatchObject({
      pages: { page_size: 4096 },
      version: { user_version: newestSchema() },
    });
    await (await open()).close();
    expect(read()).toEqual(first);
  });

  test("of version 1 is brought up to date with everything that was in it", async () => {
    await mkdir(directory, { recursive: true });
    const db = new DatabaseSync(join(directory, "recado.db"));
    const first = new URL("./migrations/0001-log-deliveries-directory.sql", import.meta.url);
    db.exec(await readFile(first, "utf8"));
    db.exec(`PRAGMA application_id = 0x5243444f;
      PRAGMA user_version = 1;
      INSERT INTO tenants VALUES ('ten_a', '', 1, 'token', '${JSON.stringify(newTenant("ten_a"))}');
      INSERT INTO log_tenants (number, tenant_id, head) VALUES (1, 'ten_a', 2);
      INSERT INTO bodies (id, tenant, meta, text) VALUES (7, 1, '{"headers":{}}', '{"x":1}');
      INSERT INTO sqlite_sequence VALUES ('bodies', 9) ON CONFLICT DO NOTHING;
      UPDATE sqlite_sequence SET seq = 9 WHERE name = 'bodies';
      INSERT INTO events VALUES
        (5, 1, 1, 'evt_1', 'presence.updated', 'ins', 'c', NULL, NULL, NULL, 0, 60000, 60000, 7, 0, 'h', 's', 11, 'k1', NULL, 0, '{"offset":1}'),
        (6, 1, 2, 'evt_2', 'presence.updated', 'ins', 'c', NULL, NULL, NULL, 0, 60000, 60000, 7, 1, 'h', 's', 12, 'k2', NULL, 0, '{"offset":2}')`);
    db.close();
    const store = await open();
    const offsets = (events: readonly { readonly offset: number }[]) => events.map((e) => e.offset);
    expect(offsets(await store.log.readAfter(tenantA, 0, 10))).toEqual([1, 2]);
    expect(await store.log.byId(tenantA, "evt_2")).toMatchObject({ offset: 2, bodyId: 7 });
    expect(await store.log.body(tenantA, 7)).toMatchObject({ text: '{"x":1}' });
    const [outcome] = await store.log.append(tenantA, {
      ...entryOf(newEvent("new")),
      body: { text: "{}", meta: { headers: {} } },
    });
    expect(appendedEvent(outcome)).toMatchObject({ offset: 3, bodyId: 10 });
    expect(offsets(await store.log.query(tenantA, { chatId: "c", limit: 9 }))).toEqual([2, 1]);
  });

  test("of a newer version is refused in plain words and left as it is", async () => {
    await (await open()).close();
    const db = new DatabaseSync(join(directory, "recado.db"));
    db.exec("PRAGMA user_version = 999");
    db.close();
    await expect(open()).rejects.toThrow(/written by a newer Recado \(schema 999/);
    // The refusal let go of the folder.
    await expect(open()).rejects.toThrow(/written by a newer Recado/);
  });

  test("of another program is refused", async () => {
    await (await open()).close();
    await rm(join(directory, "recado.db"));
    const db = new DatabaseSync(join(directory, "recado.db"));
    db.exec("CREATE TABLE songs (title TEXT)");
    db.close();
    await expect(open()).rejects.toThrow(/database of another program/);
  });

  test("a file that is no database is refused", async () => {
    await (await open()).close();
    await writeFile(join(directory, "recado.db"), "no database ".repeat(1_000));
    await expect(open()).rejects.toThrow(/damaged or no database/);
  });
});

test("a folder that cannot be made is refused in plain words", async () => {
  const file = join(parent, "file");
  await writeFile(file, "");
  await expect(open({ directory: join(file, "data") })).rejects.toThrow(
    /cannot be used \(DATA_DIR\)/,
  );
});

test("a folder in which SQLite cannot write is refused in plain words", async () => {
  await (await open()).close();
  await rm(join(directory, "recado.db-wal"), { force: true });
  await mkdir(join(directory, "recado.db-wal"));
  await expect(open()).rejects.toThrow(StoreOpenError);
  await expect(open()).rejects.toThrow(/cannot be used \(DATA_DIR\): /);
});

describe("the sync", () => {
  const held: ((error: Error | null) => void)[] = [];
  let arrived = (): void => {};
  let isHolding = false;
  const sync: SyncFile = (_fd, done) => {
    if (!isHolding) {
      setImmediate(done, null);
      return;
    }
    held.push(done);
    arrived();
  };

  /** Begins an append and resolves when its commit waits for the sync. */
  async function appendUntilSync(store: Store) {
    await store.directory.createTenant(newTenant(tenantA.tenantId));
    isHolding = true;
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const append = store.log.append(tenantA, entryOf(newEvent("x")));
    await waiting;
    isHolding = false;
    return { append };
  }

  test("I2 before it ends an event is neither acknowledged nor heard nor read", async () => {
    const store = await open({ sync });
    const order: string[] = [];
    store.log.subscribe(() => order.push("heard"));
    const { append } = await appendUntilSync(store);
    const answered = append.then(() => order.push("acknowledged"));
    const read = store.log
      .readAfter(tenantA, 0, 10)
      .then((events) => order.push(`read ${events.length}`));
    const head = store.log.bounds(tenantA).then((bounds) => order.push(`head ${bounds.head}`));
    await new Promise((resolve) => setTimeout(resolve));
    expect(order).toEqual([]);
    held.pop()?.(null);
    await Promise.all([answered, read, head]);
    expect(order.toSorted()).toEqual(["acknowledged", "head 1", "heard", "read 1"]);
  });

  test("that fails is the end: the append is refused, `failed` resolves, nothing is taken any more", async () => {
    const store = await open({ sync });
    let heard = 0;
    store.log.subscribe(() => (heard += 1));
    const { append } = await appendUntilSync(store);
    const refused = Promise.allSettled([append]);
    held.pop()?.(new Error("EIO"));
    expect(await refused).toMatchObject([{ reason: { code: "store_unavailable" } }]);
    expect(await store.failed).toMatchObject({
      code: "store_unavailable",
      cause: { message: "EIO" },
    });
    await expect(store.log.append(tenantA, entryOf(newEvent("y")))).rejects.toMatchObject({
      code: "store_unavailable",
    });
    await expect(store.log.bounds(tenantA)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(heard).toBe(0);
  });
});

test("a copy of the folder, made while it was written to, opens with what was acknowledged", async () => {
  const store = await open();
  await store.directory.createTenant(newTenant("ten_a"));
  for (let n = 0; n < 30; n += 1) await store.log.append(tenantA, entryOf(newEvent(`${n}`)));
  const copy = join(parent, "copy");
  await cp(directory, copy, { recursive: true });
  const restored = await open({ directory: copy, newEpoch: () => "e2" });
  expect(await restored.log.bounds(tenantA)).toEqual({ head: 30, floor: 1 });
  expect(await restored.directory.tenant("ten_a")).toEqual(newTenant("ten_a"));
  expect(restored.log.epoch).toBe("e1");
  expect(await restored.log.append(tenantA, entryOf(newEvent("3")))).toMatchObject([
    { kind: "duplicate" },
  ]);
});

test("rows of a deleted tenant are removed, also when the process stopped in between", async () => {
  const store = await open();
  await store.directory.createTenant(newTenant("ten_a"));
  const many = Array.from({ length: 2_000 }, (_, n) => newEvent(`${n}`, { index: n, chatId: "c" }));
  await store.log.append(tenantA, entryOf(...many));
  await store.deliveries.startAt(tenantA, "ep_1", 0);
  await store.directory.deleteTenant("ten_a");
  await store.close();
  const left = () => {
    const db = new DatabaseSync(join(directory, "recado.db"), { readOnly: true });
    const tables = [
      "events",
      "bodies",
      "event_places",
      "event_ids",
      "event_identities",
      "event_terms",
      "log_minutes",
      "log_instances",
      "delivery_cursors",
      "log_tenants",
    ];
    const counts = tables.map((table) =>
      Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]),
    );
    db.close();
    return counts;
  };
  const again = await open();
  // Each write waits for a commit; the removal takes a handful of them.
  for (let n = 0; n < 50 && left().some((count) => count > 0); n += 1)
    await again.directory.settingOnce(`s${n}`, "");
  expect(left().every((count) => count === 0)).toBe(true);
});

describe("damage", () => {
  /** Overwrites every page but the first, which opening reads, in a closed store's file. */
  async function damage(): Promise<void> {
    const file = await openFile(join(directory, "recado.db"), "r+");
    const { size } = await file.stat();
    for (let page = 4096; page < size; page += 4096)
      await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, page);
    await file.close();
  }

  /** More than the store remembers when it is opened, so that reading them reads the file. */
  async function storeWithEvents(): Promise<Store> {
    const store = await open();
    await store.directory.createTenant(newTenant(tenantA.tenantId));
    for (let first = 0; first < 2_000; first += 500) {
      const names = Array.from({ length: 500 }, (_, index) => `${first + index}`);
      const events = names.map((name, index) => newEvent(name, { index }));
      await store.log.append(tenantA, entryOf(...events));
    }
    return store;
  }

  test("that a read meets ends the store; the next opening refuses, and takes a sound file in its place", async () => {
    await (await storeWithEvents()).close();
    const sound = join(parent, "sound.db");
    await cp(join(directory, "recado.db"), sound);
    const store = await open();
    await damage();
    const met: unknown = await store.log.readAfter(tenantA, 0, 1_000).catch((error) => error);
    expect(met).toMatchObject({ code: "store_unavailable", details: ["the database is damaged"] });
    expect(await store.failed).toMatchObject({ code: "store_unavailable" });
    expect(store.health()).toMatchObject({ state: "failed", reason: "the database is damaged" });
    await expect(store.log.append(tenantA, entryOf(newEvent("after")))).rejects.toMatchObject({
      code: "store_unavailable",
    });
    await store.close();
    await expect(open()).rejects.toThrow(/is damaged or no database\. Restore a backup/);
    await expect(open()).rejects.toThrow(StoreOpenError);

    for (const name of ["recado.db-wal", "recado.db-shm"])
      await rm(join(directory, name), { force: true });
    await cp(sound, join(directory, "recado.db"));
    const restored = await open();
    expect(await restored.log.bounds(tenantA)).toEqual({ head: 2_000, floor: 1 });
    expect(await readdir(directory)).not.toContain("recado.damaged");
  });
});

test("a database file that is replaced under the store ends it", async () => {
  const clock = new SettableClock();
  const looking = clock.nextTimer();
  const store = await open({ clock });
  await rename(join(directory, "recado.db"), join(directory, "away"));
  await looking;
  clock.pass(5_000);
  expect(await store.failed).toMatchObject({ code: "store_unavailable" });
  expect(store.health()).toMatchObject({
    state: "failed",
    reason: "the database file was removed or replaced",
  });
});
