import { cp } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runScript } from "../testing/run-script.ts";
import { completeBackups } from "./backup-target.ts";
import { backUp, newDataFolder, stateOf, temporaryFolder } from "./testing/data-folder.ts";
import { verifyBackup } from "./verify-backup.ts";

const script = new URL("./testing/killed-at.ts", import.meta.url);

/** Runs the script killed at its 1st, 2nd, 3rd … report, or every `step`th of them, until it ends by itself. */
async function atEveryReport(
  step: number,
  run: (at: number) => Promise<{ readonly stdout: string }>,
): Promise<number> {
  for (let at = 1; ; at += step) {
    if ((await run(at)).stdout === "done") return at - 1;
  }
}

test("I2 a backup that is killed, wherever, is none: what has a backup's name is whole, and the data folder is as it was", async () => {
  const parent = await temporaryFolder();
  const data = await newDataFolder(join(parent, "data"), "e", 30);
  const target = join(parent, "backups");
  const kills = await atEveryReport(1, async (at) => {
    const ended = await runScript(script, ["backup", target, data, String(at)]);
    for (const name of completeBackups(target)) await verifyBackup(join(target, name), () => {});
    return ended;
  });
  expect(kills).toBeGreaterThanOrEqual(5);
  expect(completeBackups(target)).toHaveLength(1);
  // What the killed ones left is gone.
  expect(readdirSync(target).filter((name) => name.startsWith("partial-"))).toEqual([]);
  expect((await stateOf(data)).ids).toHaveLength(30);
}, 120_000);

test("I3 a restore that is killed, wherever, leaves the old state or, from its commit on, the new one", async () => {
  const parent = await temporaryFolder();
  const source = await newDataFolder(join(parent, "source"), "old", 2);
  const { folder } = await backUp(source, join(parent, "backups"));
  const before = await newDataFolder(join(parent, "before"), "new", 3);
  const epochs: string[] = [];
  const kills = await atEveryReport(2, async (at) => {
    const data = join(parent, `data${at}`);
    await cp(before, data, { recursive: true });
    const ended = await runScript(script, ["restore", folder, data, String(at)]);
    const { epoch, ids, keys } = await stateOf(data);
    epochs.push(epoch);
    const prefix = epoch === "restored" ? "old" : "new";
    expect(ids).toEqual(
      Array.from({ length: prefix === "old" ? 2 : 3 }, (_, n) => `evt_${prefix}${n}`),
    );
    expect(keys).toContain(`key-of-${prefix}`);
    return ended;
  });
  expect(kills).toBeGreaterThanOrEqual(10);
  // Once the new state counts it stays so.
  expect(epochs).toEqual(epochs.toSorted());
  expect(new Set(epochs)).toEqual(new Set(["epoch-new", "restored"]));
}, 120_000);
