import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { entryOf, newEvent, tenantA } from "../../testing/new-records.ts";
import { BackupFailure, BackupRefusal, restoreBackup } from "./index.ts";
import {
  addMedia,
  appendEvents,
  backUp,
  everythingIn,
  newDataFolder,
  openStore,
  readIfThere,
  stateOf,
  temporaryFolder,
} from "./testing/data-folder.ts";

async function folders(count = 20): Promise<{ data: string; target: string; parent: string }> {
  const parent = await temporaryFolder();
  const data = await newDataFolder(join(parent, "data"), "e", count);
  return { parent, data, target: join(parent, "backups") };
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

const names = (target: string): string[] =>
  readdirSync(target).filter((name) => name !== "recado-backups.lock");

test("I1 made while thousands of events are appended, it is a dense beginning that holds all that was acknowledged before", async () => {
  const { parent, data, target } = await folders(500);
  const store = await openStore(data);
  let isRunning = true;
  let acknowledged = 500;
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let n = 0; isRunning; n += 1) {
      await store.log.append(
        tenantA,
        entryOf(newEvent(`w${writer}-${n}`, { data: `"${"x".repeat(n % 900)}"` })),
      );
      acknowledged += 1;
    }
  });
  // Copying waits within its steps for the appends, so that the two really run beside each other.
  while (acknowledged < 3_000) await new Promise(setImmediate);
  const before = acknowledged;
  const report = await backUp(data, target);
  const after = acknowledged;
  while (acknowledged < after + 1_000) await new Promise(setImmediate);
  isRunning = false;
  await Promise.all(writers);
  const all = (await store.log.readAfter(tenantA, 0, 1_000)).map((event) => event.id);
  await store.close();
  const everything = (await stateOf(data)).ids;
  expect(everything.slice(0, all.length)).toEqual(all);
  const restored = join(parent, "restored");
  await restoreBackup({
    from: report.folder,
    dataDir: restored,
    replace: false,
    clock: systemClock,
    newEpoch: () => "second",
    onProgress() {},
  });
  const { ids } = await stateOf(restored);
  expect(ids.length).toBeGreaterThanOrEqual(before);
  expect(ids.length).toBeLessThan(everything.length);
  expect(ids).toEqual(everything.slice(0, ids.length));
  expect(report.manifest.tenants).toEqual([{ id: tenantA.tenantId, head: ids.length }]);
}, 60_000);

test("a gateway goes on writing between the steps of a copy, and the copy does not begin anew", async () => {
  const { data, target } = await folders();
  const store = await openStore(data);
  const many = Array.from({ length: 1_500 }, (_, n) =>
    newEvent(`m${n}`, { index: n, data: `"${"x".repeat(3_000)}"` }),
  );
  await store.log.append(tenantA, entryOf(...many));
  let steps = 0;
  let total = 0;
  await backUp(data, target, {
    onProgress({ step, done, total: all = 0 }) {
      if (step !== "database" || done === undefined) return;
      steps += 1;
      total = all;
      // Another connection's commit in the middle of the copy.
      void appendEvents(store, `between${steps}-`, 5);
    },
  });
  await store.close();
  expect(steps).toBeGreaterThan(1);
  expect(steps).toBeLessThanOrEqual(Math.ceil(total / 1_048_576) + 1);
});

test("it is a folder named by its time, for its owner only, with a manifest of everything in it", async () => {
  const { data, target } = await folders(3);
  const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const report = await backUp(data, target, { clock: { ...systemClock, now: () => now } });
  expect(report.folder).toBe(join(target, "20260102T030405Z"));
  const media = readdirSync(join(data, "media"), { recursive: true }).at(-1);
  expect(report.manifest).toMatchObject({
    format: "recado-backup",
    version: "1.2.3",
    createdAt: "2026-01-02T03:04:05.678Z",
    epoch: "epoch-e",
    keys: true,
    tenants: [{ id: tenantA.tenantId, head: 3 }],
  });
  const paths = report.manifest.files.map((file) => file.path);
  expect(paths).toEqual(["recado.db", "secrets.json", `media/${String(media)}`]);
  expect(JSON.parse(readIfThere(join(report.folder, "manifest.json")) ?? "")).toEqual(
    report.manifest,
  );
  for (const path of [...paths, "manifest.json"]) {
    expect(`${path} ${modeOf(join(report.folder, path))}`).toBe(`${path} 600`);
  }
  expect(modeOf(report.folder)).toBe("700");
  expect(modeOf(target)).toBe("700");
  expect(readdirSync(report.folder).toSorted()).toEqual([
    "manifest.json",
    "media",
    "recado.db",
    "secrets.json",
  ]);
});

test("two of the same second have names of their own", async () => {
  const { data, target } = await folders(1);
  const clock = { ...systemClock, now: () => Date.UTC(2026, 0, 2) };
  for (let n = 0; n < 3; n += 1) await backUp(data, target, { clock });
  expect(names(target)).toEqual(["20260102T000000Z", "20260102T000000Z-2", "20260102T000000Z-3"]);
});

test("without keys it holds none, and the folder of a gateway at rest is left as it was", async () => {
  const { data, target } = await folders(1);
  const before = everythingIn(data);
  const report = await backUp(data, target, { withKeys: false });
  expect(report.manifest.keys).toBe(false);
  expect(existsSync(join(report.folder, "secrets.json"))).toBe(false);
  const left = everythingIn(data);
  // Reading may leave SQLite's own files, empty; no other.
  expect(left.filter((name) => !/^recado\.db-(wal|shm)$/.test(name))).toEqual(before);
  expect((await stateOf(data)).ids).toEqual(["evt_e0"]);
});

test("what was committed but not written back when the gateway was killed is in it", async () => {
  const { parent, data, target } = await folders(1);
  const store = await openStore(data);
  await appendEvents(store, "late", 50);
  // The files as a kill leaves them: the events are in the WAL only.
  const killed = join(parent, "killed");
  await cp(data, killed, { recursive: true, filter: (path) => !path.endsWith("-shm") });
  await store.close();
  const report = await backUp(killed, target);
  expect(report.manifest.tenants).toEqual([{ id: tenantA.tenantId, head: 51 }]);
});

test("media files that an earlier backup has take no room again, and a removed backup takes none with it", async () => {
  const { data, target } = await folders(1);
  const first = await backUp(data, target);
  const added = addMedia(data, "second image");
  const second = await backUp(data, target, { keep: 1 });
  expect([first.linked, second.linked, second.removed]).toEqual([0, 1, 1]);
  expect(names(target)).toHaveLength(1);
  expect(readIfThere(join(second.folder, added))).toBe("second image");
  for (const { path } of second.manifest.files)
    expect(existsSync(join(second.folder, path))).toBe(true);
});

test("an earlier backup's media file that was cut off is copied again", async () => {
  const { data, target } = await folders(1);
  const path = addMedia(data, "an image");
  const first = await backUp(data, target);
  chmodSync(join(first.folder, path), 0o600);
  writeFileSync(join(first.folder, path), "an im");
  const second = await backUp(data, target);
  expect(readIfThere(join(second.folder, path))).toBe("an image");
});

test("media that are damaged or not complete are left out and named", async () => {
  const { data, target } = await folders(1);
  const path = addMedia(data, "whole");
  writeFileSync(join(data, path), "changed");
  writeFileSync(`${join(data, path)}.partial`, "half");
  symlinkSync("/etc/hostname", join(data, "media", "a".repeat(64)));
  const report = await backUp(data, target);
  expect(report.damagedMedia).toEqual([path]);
  expect(report.manifest.files.filter((file) => file.path.startsWith("media/"))).toHaveLength(1);
  expect(existsSync(join(report.folder, path))).toBe(false);
});

test("a damaged database is no backup: nothing is left in the target, earlier backups stay", async () => {
  const { data, target } = await folders(400);
  await backUp(data, target);
  const earlier = names(target);
  const path = join(data, "recado.db");
  const file = openSync(path, "r+");
  const pages = statSync(path).size / 4_096;
  writeSync(file, Buffer.alloc(4_096, 0xff), 0, 4_096, Math.floor(pages / 2) * 4_096);
  closeSync(file);
  await expect(backUp(data, target)).rejects.toThrow(BackupFailure);
  await expect(backUp(data, target)).rejects.toThrow(/damaged/);
  expect(names(target)).toEqual(earlier);
});

test.each(["database", "integrity", "keys", "media", "publish"])(
  "I2 one that fails at %s leaves nothing that could be taken for a backup, and the next one is made",
  async (failing) => {
    const { data, target } = await folders(5);
    const onProgress = ({ step }: { readonly step: string }): void => {
      if (step === failing) throw new Error("the disk is gone");
    };
    await expect(backUp(data, target, { onProgress })).rejects.toThrow("the disk is gone");
    expect(names(target)).toEqual([]);
    await backUp(data, target);
    expect(names(target)).toHaveLength(1);
  },
);

test("what an interrupted backup left is removed by the next one", async () => {
  const { data, target } = await folders(1);
  await backUp(data, target);
  mkdirSync(join(target, "partial-20260102T000000Z"));
  writeFileSync(join(target, "partial-20260102T000000Z", "recado.db"), "half");
  await backUp(data, target);
  expect(names(target).filter((name) => name.startsWith("partial-"))).toEqual([]);
});

test("while one is made, a second into the same folder is refused", async () => {
  const { data, target } = await folders(1);
  let second: Promise<unknown> | undefined;
  await backUp(data, target, {
    onProgress({ step }) {
      if (step === "integrity") second = backUp(data, target).catch((error: unknown) => error);
    },
  });
  expect(await second).toMatchObject({ message: expect.stringContaining("Another backup") });
});

test("a data folder that is restored meanwhile is no backup", async () => {
  const { parent, data, target } = await folders(2);
  const { folder } = await backUp(data, target);
  let restored: Promise<unknown> = Promise.resolve();
  const other = join(parent, "others");
  const attempt = backUp(data, other, {
    onProgress({ step }) {
      if (step === "keys") {
        // As a restore does it: what has the name is another file.
        rmSync(join(data, "recado.db"));
        restored = restoreBackup({
          from: folder,
          dataDir: data,
          replace: true,
          clock: systemClock,
          newEpoch: () => "x",
          onProgress() {},
        });
      }
    },
  });
  await expect(attempt).rejects.toThrow(/was restored while it was copied/);
  await restored;
  expect(names(other)).toEqual([]);
});

test.each([
  ["the data folder itself", (place: Places) => place.data, /lies in the data folder/],
  [
    "a folder in the data folder",
    (place: Places) => join(place.data, "a", "b"),
    /lies in the data folder/,
  ],
  [
    "a folder that a link leads into the data folder",
    (place: Places) => {
      symlinkSync(place.data, join(place.parent, "link"));
      return join(place.parent, "link", "backups");
    },
    /lies in the data folder/,
  ],
  [
    "a folder of other things",
    (place: Places) => {
      mkdirSync(join(place.parent, "photos"));
      writeFileSync(join(place.parent, "photos", "one.jpg"), "");
      return join(place.parent, "photos");
    },
    /holds other things/,
  ],
  ["the folder around the data folder", (place: Places) => place.parent, /holds other things/],
  [
    "a file",
    (place: Places) => {
      writeFileSync(join(place.parent, "file"), "");
      return join(place.parent, "file");
    },
    /is a file/,
  ],
])("a target that is %s is refused, and stays as it was", async (_name, make, reason) => {
  const place = await folders(1);
  const target = make(place);
  const before = everythingIn(place.parent);
  await expect(backUp(place.data, target)).rejects.toThrow(BackupRefusal);
  await expect(backUp(place.data, target)).rejects.toThrow(reason);
  expect(everythingIn(place.parent)).toEqual(before);
});

interface Places {
  readonly parent: string;
  readonly data: string;
}

test("a folder without a database, with another program's or with a newer Recado's is refused", async () => {
  const { parent, data, target } = await folders(1);
  await expect(backUp(parent, target)).rejects.toThrow(/There is no recado.db/);
  const db = new DatabaseSync(join(data, "recado.db"));
  db.exec("PRAGMA user_version = 999");
  await expect(backUp(data, target)).rejects.toThrow(/newer Recado \(schema 999/);
  db.exec("PRAGMA application_id = 1");
  db.close();
  await expect(backUp(data, target)).rejects.toThrow(/no database of Recado/);
  expect(names(target)).toEqual([]);
});
