import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { entryOf, newEvent, tenantA } from "../../testing/new-records.ts";
import { StoreOpenError } from "../store-open-error.ts";
import { fileFacts } from "./files/copy-file.ts";
import {
  BackupFailure,
  BackupRefusal,
  finishInterruptedRestore,
  restoreBackup,
  verifyBackup,
  type RestoreReport,
} from "./index.ts";
import {
  addMedia,
  backUp,
  everythingIn,
  newDataFolder,
  openStore,
  readIfThere,
  stateOf,
  temporaryFolder,
} from "./testing/data-folder.ts";

type Options = Parameters<typeof restoreBackup>[0];

function restore(
  from: string,
  dataDir: string,
  changes: Partial<Options> = {},
): Promise<RestoreReport> {
  return restoreBackup({
    from,
    dataDir,
    replace: false,
    clock: systemClock,
    newEpoch: () => "restored",
    onProgress() {},
    ...changes,
  });
}

/** A backup of a folder with two events, and the folder as it went on: three events, other keys and media. */
async function place(withKeys = true): Promise<Place> {
  const parent = await temporaryFolder();
  const target = join(parent, "backups");
  const source = await newDataFolder(join(parent, "source"), "old", 2);
  const { folder } = await backUp(source, target, { withKeys });
  const data = await newDataFolder(join(parent, "data"), "new", 3);
  writeFileSync(join(data, "views.db"), "a projection");
  return { parent, target, backup: folder, data };
}

interface Place {
  readonly parent: string;
  readonly target: string;
  readonly backup: string;
  readonly data: string;
}

const oldState = {
  ids: ["evt_old0", "evt_old1"],
  epoch: "restored",
  keys: expect.stringContaining("key-of-old"),
};
const newState = {
  ids: ["evt_new0", "evt_new1", "evt_new2"],
  epoch: "epoch-new",
  keys: expect.stringContaining("key-of-new"),
};

test("I5 into an empty folder: the events, keys and media of the backup, under a new epoch, and appending goes on", async () => {
  const { parent, backup } = await place();
  const data = join(parent, "fresh", "data");
  const report = await restore(backup, data);
  expect(report).toMatchObject({ completedOnly: false, dataDir: data });
  expect(report.aside).toBeUndefined();
  expect(await stateOf(data)).toEqual(oldState);
  const media = readdirSync(join(data, "media"), { recursive: true }).at(-1);
  expect(readFileSync(join(data, "media", String(media)), "utf8")).toBe("image of old");
  const store = await openStore(data);
  expect(await store.log.append(tenantA, entryOf(newEvent("old1")))).toMatchObject([
    { kind: "duplicate" },
  ]);
  expect(await store.log.append(tenantA, entryOf(newEvent("next")))).toMatchObject([
    { kind: "appended", event: { offset: 3 } },
  ]);
  await store.close();
});

test("two restores of one backup have different epochs, and a start after one keeps it", async () => {
  const { parent, backup } = await place();
  const epochs = ["one", "two"];
  for (const epoch of epochs) {
    await restore(backup, join(parent, epoch), { newEpoch: () => epoch });
    expect((await stateOf(join(parent, epoch))).epoch).toBe(epoch);
    expect((await stateOf(join(parent, epoch))).epoch).toBe(epoch);
  }
});

test("a folder of backups stands for its newest complete one", async () => {
  const { parent, target, data } = await place();
  const clock = { ...systemClock, now: () => Date.now() + 60_000 };
  const newest = await backUp(data, target, { clock });
  mkdirSync(join(target, "partial-99990101T000000Z"));
  mkdirSync(join(target, "99990101T000000Z"));
  expect((await restore(target, join(parent, "fresh"))).backup.folder).toBe(newest.folder);
});

test("a folder that holds something is refused, and stays as it was", async () => {
  const { backup, data } = await place();
  await expect(restore(backup, data)).rejects.toThrow(BackupRefusal);
  await expect(restore(backup, data)).rejects.toThrow(/not empty/);
  expect(await stateOf(data)).toEqual(newState);
});

test("I4 with replace, everything that was there is in a folder beside, which is a whole data folder", async () => {
  const { backup, data } = await place();
  const before = readdirSync(data).toSorted();
  const report = await restore(backup, data, { replace: true });
  expect(readdirSync(data).toSorted()).toEqual(
    [basename(report.aside ?? ""), "media", "recado.db", "recado.lock", "secrets.json"].toSorted(),
  );
  // The projection of the other log is not taken over: it is built anew.
  expect(existsSync(join(data, "views.db"))).toBe(false);
  expect(readdirSync(report.aside ?? "").toSorted()).toEqual(
    before.filter((name) => name !== "recado.lock"),
  );
  expect(await stateOf(report.aside ?? "")).toEqual(newState);
  expect(await stateOf(data)).toEqual(oldState);
});

test("I4 what was moved aside by two restores of the same moment is all there", async () => {
  const { backup, data } = await place();
  const clock = { ...systemClock, now: () => Date.UTC(2026, 0, 2) };
  const first = await restore(backup, data, { replace: true, clock });
  const second = await restore(backup, data, { replace: true, clock });
  expect(first.aside).not.toBe(second.aside);
  expect(await stateOf(first.aside ?? "")).toEqual(newState);
  expect(await stateOf(second.aside ?? "")).toEqual(oldState);
});

test("while a gateway uses the folder it is refused", async () => {
  const { backup, data } = await place();
  const store = await openStore(data);
  await expect(restore(backup, data, { replace: true })).rejects.toThrow(StoreOpenError);
  await expect(restore(backup, data, { replace: true })).rejects.toThrow(/in use/);
  await store.close();
  expect(await stateOf(data)).toEqual(newState);
});

test("a backup without keys leaves the keys that are there", async () => {
  const { parent, backup, data } = await place(false);
  const keys = expect.stringContaining("key-of-new");
  const report = await restore(backup, data, { replace: true });
  expect(await stateOf(data)).toEqual({ ...oldState, keys });
  expect(await stateOf(report.aside ?? "")).toEqual(newState);
  // Put there first, keys alone are no reason to refuse.
  const fresh = join(parent, "fresh");
  mkdirSync(fresh);
  writeFileSync(join(fresh, "secrets.json"), "key-of-new");
  expect((await restore(backup, fresh)).aside).toBeUndefined();
  expect(await stateOf(fresh)).toEqual({ ...oldState, keys });
});

test("keys alone are refused by a backup that has others", async () => {
  const { parent, backup } = await place();
  const fresh = join(parent, "fresh");
  mkdirSync(fresh);
  writeFileSync(join(fresh, "secrets.json"), "key-of-new");
  await expect(restore(backup, fresh)).rejects.toThrow(/not empty/);
});

const damages: readonly (readonly [string, (backup: string) => void])[] = [
  ["a database cut off", (backup) => truncateSync(join(backup, "recado.db"), 8_192)],
  ["one changed byte in the database", (backup) => changeByte(join(backup, "recado.db"))],
  ["one changed byte in the keys", (backup) => changeByte(join(backup, "secrets.json"))],
  ["missing keys", (backup) => unlinkSync(join(backup, "secrets.json"))],
  [
    "a link in the place of a file",
    (backup) => {
      unlinkSync(join(backup, "secrets.json"));
      symlinkSync("/etc/hostname", join(backup, "secrets.json"));
    },
  ],
  ["missing media", (backup) => rmSync(join(backup, "media"), { recursive: true })],
  ["a manifest cut off", (backup) => truncateSync(join(backup, "manifest.json"), 100)],
  ["a manifest of something else", (backup) => writeFileSync(join(backup, "manifest.json"), "{}")],
  ["a manifest that is null", (backup) => writeFileSync(join(backup, "manifest.json"), "null")],
  ["a manifest without the database", (backup) => changeManifest(backup, "recado.db", "media/x")],
  ["a path that leads out", (backup) => changeManifest(backup, "secrets.json", "../secrets.json")],
  [
    "a path that leads out further on",
    (backup) => changeManifest(backup, "media/", "media/../../"),
  ],
  ["an absolute path", (backup) => changeManifest(backup, "secrets.json", "/tmp/secrets.json")],
  ["a path of another file", (backup) => changeManifest(backup, "secrets.json", "restore.json")],
  ["a path with a backslash", (backup) => changeManifest(backup, "media/", "media/..\\\\")],
];

function changeByte(path: string): void {
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function changeManifest(backup: string, from: string, to: string): void {
  const path = join(backup, "manifest.json");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll(`"${from}`, `"${to}`));
}

test.each(damages)("%s is refused, and the data folder stays as it was", async (_name, damage) => {
  const { backup, data } = await place();
  const before = readdirSync(data).toSorted();
  damage(backup);
  await expect(restore(backup, data, { replace: true })).rejects.toThrow(BackupFailure);
  await expect(verifyBackup(backup, () => {})).rejects.toThrow(BackupFailure);
  expect(readdirSync(data).toSorted()).toEqual(before);
  expect(await stateOf(data)).toEqual(newState);
});

test("a manifest of a newer Recado, a newer schema and a folder without a backup are refused in plain words", async () => {
  const { parent, backup, data } = await place();
  await expect(restore(parent, data, { replace: true })).rejects.toThrow(/no complete backup/);
  await expect(restore(join(parent, "nowhere"), data)).rejects.toThrow(/no complete backup/);
  changeManifest(backup, 'formatVersion": 1', 'formatVersion": 2');
  await expect(restore(backup, data, { replace: true })).rejects.toThrow(/made by a newer Recado/);
  expect(await stateOf(data)).toEqual(newState);
});

test("data of a newer schema are refused in plain words", async () => {
  const { backup, data } = await place();
  // A whole backup as a newer Recado would have made it.
  const db = new DatabaseSync(join(backup, "recado.db"));
  db.exec("PRAGMA user_version = 999");
  db.close();
  const facts = await fileFacts(join(backup, "recado.db"));
  const path = join(backup, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as {
    files: { path: string }[];
    schema: number;
  };
  const files = manifest.files.map((file) =>
    file.path === "recado.db" ? { path: file.path, ...facts } : file,
  );
  writeFileSync(path, JSON.stringify({ ...manifest, schema: 999, files }));
  const reason = /written by a newer Recado \(schema 999/;
  await expect(restore(backup, data, { replace: true })).rejects.toThrow(reason);
  await expect(verifyBackup(backup, () => {})).rejects.toThrow(reason);
  expect(await stateOf(data)).toEqual(newState);
});

test("data of an older schema are restored, and brought up to date by the next start", async () => {
  const parent = await temporaryFolder();
  const source = join(parent, "source");
  mkdirSync(source);
  const db = new DatabaseSync(join(source, "recado.db"));
  const first = new URL("../migrations/0001-log-deliveries-directory.sql", import.meta.url);
  db.exec(readFileSync(first, "utf8"));
  db.exec(`PRAGMA application_id = 0x5243444f;
    PRAGMA user_version = 1;
    INSERT INTO settings VALUES ('epoch', 'of version 1');
    INSERT INTO tenants VALUES ('ten_a', '', 1, 'token', '{}');
    INSERT INTO log_tenants (number, tenant_id, head) VALUES (1, 'ten_a', 1);
    INSERT INTO events VALUES (5, 1, 1, 'evt_1', 'presence.updated', 'ins', 'c', NULL, NULL, NULL, 0, 60000, 60000, NULL, 0, 'h', 's', 11, 'k1', NULL, 0, '{"offset":1}')`);
  db.close();
  const report = await backUp(source, join(parent, "backups"));
  expect(report.manifest).toMatchObject({
    schema: 1,
    keys: false,
    tenants: [{ id: "ten_a", head: 1 }],
  });
  await restore(report.folder, join(parent, "data"));
  expect(await stateOf(join(parent, "data"))).toMatchObject({ ids: ["evt_1"], epoch: "restored" });
});

test("what is restored by root belongs to whom the data folder belongs", async () => {
  const { backup, data } = await place();
  // Only root can give files away; for anybody else they are the user's own.
  if (process.getuid?.() === 0) chownSync(data, 1_234, 1_235);
  const owner = statSync(data);
  rmSync(join(data, "recado.lock"));
  const { aside } = await restore(backup, data, { replace: true });
  const before = `${basename(aside ?? "")}/`;
  for (const name of everythingIn(data).filter((path) => !path.startsWith(before))) {
    const { uid, gid } = statSync(join(data, name));
    expect([name, uid, gid]).toEqual([name, owner.uid, owner.gid]);
  }
});

test("a backup within the data folder, or around it, is refused", async () => {
  const { backup, data } = await place();
  await expect(restore(backup, join(backup, "data"))).rejects.toThrow(/lie in one another/);
  cpSync(backup, join(data, "copied"), { recursive: true });
  await expect(restore(join(data, "copied"), data, { replace: true })).rejects.toThrow(
    /lie in one another/,
  );
  expect(readdirSync(backup).toSorted()).toEqual([
    "manifest.json",
    "media",
    "recado.db",
    "secrets.json",
  ]);
});

test("I3 one that fails at any of its steps leaves the old state or, from the commit on, the new one", async () => {
  const { parent, backup, data: before } = await place();
  let isNew = false;
  for (let failing = 1; ; failing += 1) {
    const data = join(parent, `data${failing}`);
    cpSync(before, data, { recursive: true });
    let count = 0;
    const attempt = await restore(backup, data, {
      replace: true,
      onProgress() {
        count += 1;
        if (count === failing) throw new Error("stopped");
      },
    }).catch((error: unknown) => error);
    const state = await stateOf(data);
    isNew ||= state.epoch === "restored";
    expect(state).toEqual(isNew ? oldState : newState);
    expect(readdirSync(data)).not.toContain("restoring");
    expect(readdirSync(data)).not.toContain("restore.json");
    const aside = readdirSync(data).find((name) => name.startsWith("before-restore-"));
    if (isNew) expect(await stateOf(join(data, aside ?? ""))).toEqual(newState);
    if (!(attempt instanceof Error)) break;
  }
  expect(isNew).toBe(true);
}, 60_000);

test("an interrupted one is completed by the same restore again, without touching what it restored", async () => {
  const { backup, data } = await place();
  const onProgress = ({ step }: { readonly step: string }): void => {
    if (step === "move") throw new Error("stopped");
  };
  await expect(restore(backup, data, { replace: true, onProgress })).rejects.toThrow("stopped");
  // A backup of what is in both places by halves would be none.
  await expect(backUp(data, join(data, "..", "others"))).rejects.toThrow(/was interrupted/);
  expect(await restore(backup, data, { replace: true })).toMatchObject({ completedOnly: true });
  expect(await stateOf(data)).toEqual(oldState);
  expect(readdirSync(data).filter((name) => name.startsWith("before-restore-"))).toHaveLength(1);
});

test("an interrupted one is completed before the keys are read", async () => {
  const { backup, data } = await place();
  let moves = 0;
  const onProgress = ({ step }: { readonly step: string }): void => {
    // After everything old went aside, and before everything new is in its place.
    if (step === "move" && (moves += 1) === 6) throw new Error("stopped");
  };
  await expect(restore(backup, data, { replace: true, onProgress })).rejects.toThrow("stopped");
  expect(readIfThere(join(data, "secrets.json"))).toBeUndefined();
  finishInterruptedRestore(data);
  expect(readIfThere(join(data, "secrets.json"))).toContain("key-of-old");
  finishInterruptedRestore(data);
  expect(await stateOf(data)).toEqual(oldState);
});

test("a journal that was tampered with moves nothing", async () => {
  const { parent, data } = await place();
  writeFileSync(
    join(data, "restore.json"),
    JSON.stringify({ backup: "x", aside: "../out", moveAside: ["recado.db"], moveIn: [] }),
  );
  expect(() => finishInterruptedRestore(data)).toThrow(StoreOpenError);
  expect(existsSync(join(parent, "out"))).toBe(false);
  expect(existsSync(join(data, "recado.db"))).toBe(true);
});

test("a check reads everything and changes nothing", async () => {
  const { target, backup } = await place();
  addMedia(backup, "not in the manifest");
  const before = everythingIn(target);
  expect(await verifyBackup(target, () => {})).toMatchObject({ folder: backup });
  expect(everythingIn(target)).toEqual(before);
});
