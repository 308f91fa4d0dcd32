import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import type { EventLog } from "../contract/index.ts";
import { openSqliteStore } from "./index.ts";
import { startScript } from "./testing/run-script.ts";

const kills = 20;
const script = new URL("./testing/append-until-killed.ts", import.meta.url);

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-crash-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Acknowledged {
  readonly tenantId: string;
  readonly offset: number;
  readonly id: string;
}

/** Lets a process append until it acknowledged `count` events, then some moments more, and kills it. */
async function appendAndKill(
  run: number,
  count: number,
  moments: number,
): Promise<readonly Acknowledged[]> {
  const child = startScript(script, [directory, String(run)]);
  const gone = new Promise((resolve) => child.once("close", resolve));
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [tenantId, offset, id] = line.split(" ");
    if (id !== undefined && tenantId !== undefined)
      acknowledged.push({ tenantId, offset: Number(offset), id });
    if (acknowledged.length < count || child.killed) continue;
    for (let moment = 0; moment < moments; moment += 1) await new Promise(setImmediate);
    child.kill("SIGKILL");
  }
  await gone;
  return acknowledged;
}

async function storedIds(log: EventLog, tenantId: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let page = await log.readAfter({ tenantId }, 0, 1_000); page.length > 0;) {
    // Dense: the n-th event has offset n.
    for (const event of page) {
      ids.push(event.id);
      expect(event.offset).toBe(ids.length);
      expect(event.json.startsWith(`{"offset":${ids.length},`)).toBe(true);
    }
    page = await log.readAfter({ tenantId }, ids.length, 1_000);
  }
  expect(await log.bounds({ tenantId })).toEqual({ head: ids.length, floor: 1 });
  return ids;
}

async function checkEverything(acknowledged: readonly Acknowledged[]): Promise<void> {
  const logger = createLogger("silent");
  const store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger,
    newEpoch: () => "e",
  });
  for (const tenantId of ["ten_0", "ten_1", "ten_2"]) {
    const ids = await storedIds(store.log, tenantId);
    const mine = acknowledged.filter((event) => event.tenantId === tenantId);
    expect(mine.filter((event) => ids[event.offset - 1] !== event.id)).toEqual([]);
    const occurrences = ids.map((id) => id.replace("-copy", ""));
    expect(new Set(occurrences).size).toBe(ids.length);
  }
  await store.close();
}

test(
  "every acknowledged event is there once, at its offset, after 20 kills at random moments",
  { timeout: 120_000 },
  async () => {
    const moment = fc.record({
      count: fc.integer({ min: 1, max: 400 }),
      moments: fc.integer({ min: 0, max: 60 }),
    });
    const acknowledged: Acknowledged[] = [];
    let run = 0;
    // fast-check prints the seed of a failing run.
    await fc.assert(
      fc.asyncProperty(moment, async ({ count, moments }) => {
        run += 1;
        acknowledged.push(...(await appendAndKill(run, count, moments)));
        // What a kill left is read as the next process finds it; the whole log now and then, since it grows.
        if (run % 5 === 0) await checkEverything(acknowledged);
      }),
      { numRuns: kills, endOnFailure: true },
    );
    await checkEverything(acknowledged);
    const db = new DatabaseSync(join(directory, "recado.db"), { readOnly: true });
    expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    db.close();
  },
);
