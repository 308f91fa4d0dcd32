import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runKillRounds } from "./testing/durability/kill-rounds.ts";
import { runPowerCuts } from "./testing/durability/power-cuts.ts";
import { controlWork, storeWork, unsyncedWork } from "./testing/durability/powered-works.ts";
import { whyNoStrace } from "./testing/durability/record-run.ts";
import { chosenSeed } from "./testing/durability/seeded-random.ts";

// The short form of `npm run bench -- durability`.
const seed = chosenSeed();
const kills = 5;
const nothingWrong = { lost: 0, doubled: 0, gaps: 0, problems: [] };

let parent = "";
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "recado-crash-"));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

test(
  `everything acknowledged is there once, at its place, after ${kills} kills at random moments (SEED=${seed})`,
  { timeout: 120_000 },
  async () => {
    const directory = join(parent, "killed");
    const found = await runKillRounds({ directory, kills, seed, checkEvery: 5 });
    expect(found).toMatchObject(nothingWrong);
    expect(found.checked).toBeGreaterThan(kills * 10);
  },
);

const reason = whyNoStrace();
if (reason !== undefined) process.stderr.write(`\nPOWER CUTS ARE NOT TESTED HERE: ${reason}\n\n`);

describe.skipIf(reason !== undefined)(
  `a power cut (${reason === undefined ? `SEED=${seed}` : `NOT TESTED: ${reason}`})`,
  { timeout: 120_000 },
  () => {
    const cut = async (
      name: string,
      work: Parameters<typeof runPowerCuts>[0]["work"],
      images: number,
    ) => {
      const own = await mkdtemp(join(parent, name));
      return runPowerCuts({ parent: own, work, images, seed });
    };

    test("loses nothing that was acknowledged, whatever it does to what was not synced", async () => {
      const found = await cut("store", storeWork(600), 10);
      expect(found).toMatchObject(nothingWrong);
      expect(found.checked).toBeGreaterThan(600);
    });

    test("is seen to lose where the sync does nothing", async () => {
      expect((await cut("unsynced", unsyncedWork(300), 12)).lost).toBeGreaterThan(0);
    });

    test("is seen to lose with SQLite's synchronous=NORMAL, answered after COMMIT", async () => {
      expect((await cut("control", controlWork(300), 12)).lost).toBeGreaterThan(0);
    });
  },
);
