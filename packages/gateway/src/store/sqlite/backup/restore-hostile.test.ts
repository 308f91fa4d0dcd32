import { execFileSync } from "node:child_process";
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { StoreOpenError } from "../store-open-error.ts";
import { giveToOwner } from "./files/give-to-owner.ts";
import { BackupFailure, finishInterruptedRestore, restoreBackup, verifyBackup } from "./index.ts";
import { backUp, everythingIn, newDataFolder, temporaryFolder } from "./testing/data-folder.ts";

/** A folder that somebody else prepared, restored by whoever may do more than they. */

test("a pipe in the place of a file is refused instead of being waited for", async () => {
  const parent = await temporaryFolder();
  const source = await newDataFolder(join(parent, "source"), "old", 1);
  const { folder } = await backUp(source, join(parent, "backups"));
  unlinkSync(join(folder, "secrets.json"));
  execFileSync("mkfifo", [join(folder, "secrets.json")]);
  const restored = restoreBackup({
    from: folder,
    dataDir: join(parent, "data"),
    replace: false,
    clock: systemClock,
    newEpoch: () => "restored",
    onProgress() {},
  });
  await expect(restored).rejects.toThrow(BackupFailure);
  await expect(verifyBackup(folder, () => {})).rejects.toThrow(BackupFailure);
});

test.each(["before-restore-x", "restoring"])(
  "an interrupted restore moves nothing through a link called %s",
  async (name) => {
    const parent = await temporaryFolder();
    const data = await newDataFolder(join(parent, "data"), "old", 1);
    const elsewhere = join(parent, "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "shadow"), "somebody else's");
    symlinkSync(elsewhere, join(data, name));
    const journal = { backup: "x", aside: "before-restore-x", moveAside: ["recado.db"] };
    writeFileSync(
      join(data, "restore.json"),
      JSON.stringify({ ...journal, moveIn: ["shadow", "recado.db"] }),
    );
    const before = everythingIn(data);
    expect(() => finishInterruptedRestore(data)).toThrow(StoreOpenError);
    expect(everythingIn(data)).toEqual(before);
    expect(readdirSync(elsewhere)).toEqual(["shadow"]);
  },
);

test("a link is given to the folder's owner, never what it leads to", async () => {
  const parent = await temporaryFolder();
  const data = join(parent, "data");
  mkdirSync(data);
  const foreign = join(parent, "foreign");
  writeFileSync(foreign, "somebody else's");
  // Only root can give files away; for anybody else they are the user's own.
  if (process.getuid?.() === 0) chownSync(data, 1_234, 1_235);
  const { uid } = statSync(foreign);
  for (const path of ["recado.lock", "restoring/media/link"]) {
    mkdirSync(join(data, "restoring/media"), { recursive: true });
    symlinkSync(foreign, join(data, path));
    giveToOwner(join(data, path.split("/")[0] ?? ""), data);
    expect(lstatSync(join(data, path)).uid).toBe(statSync(data).uid);
    expect(statSync(foreign).uid).toBe(uid);
    rmSync(join(data, path));
  }
});
