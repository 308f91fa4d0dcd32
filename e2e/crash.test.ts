import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chosenSeed } from "../packages/gateway/src/store/sqlite/testing/durability/seeded-random.ts";
import { temporaryFolder } from "./gateway-process.ts";
import { runServerKills } from "./server-kills.ts";

// The short form of what `npm run bench -- durability` does to the whole server.
const kills = 4;
const seed = chosenSeed();

describe(`the process is killed at ${kills} random moments under load (SEED=${seed})`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  it("every webhook that got a 2xx is there once, and reaches its endpoint", async () => {
    const found = await runServerKills({ dataDir: folder.path, kills, seed });
    expect(found).toMatchObject({ lost: 0, doubled: 0, gaps: 0, undelivered: 0, problems: [] });
    expect(found.acknowledged).toBeGreaterThan(kills);
  }, 120_000);
});
