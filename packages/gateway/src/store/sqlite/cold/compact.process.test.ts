import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { createLogger } from "../../../base/logger.ts";
import type { Store } from "../../contract/index.ts";
import { dayOne, newEvent, newTenant, tenantA, tenantB } from "../../testing/new-records.ts";
import { openSqliteStore } from "../index.ts";
import { startScript } from "../testing/run-script.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-compact-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function open(): Promise<Store> {
  const logger = createLogger("silent");
  return openSqliteStore({ directory, clock: systemClock, logger, newEpoch: () => "e1" });
}

async function inStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const store = await open();
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function fill(store: Store): Promise<void> {
  for (const scope of [tenantA, tenantB]) {
    await store.directory.createTenant(newTenant(scope.tenantId));
    await Promise.all(
      Array.from({ length: 1_500 }, (_, n) => {
        const words = `mensagem ${n} com o suficiente para valer a pena`;
        const event = newEvent(`${scope.tenantId}${n}`, { receivedAt: dayOne + n });
        const body = { text: JSON.stringify({ words }), meta: { headers: {} } };
        return store.log.append(scope, { body, events: [event] });
      }),
    );
  }
}

async function everything(store: Store): Promise<unknown> {
  const all = [];
  for (const scope of [tenantA, tenantB]) {
    for (let offset = 0; offset < 1_500; offset += 500) {
      for (const event of await store.log.readAfter(scope, offset, 500))
        all.push([event, await store.log.body(scope, event.bodyId ?? 0)]);
    }
  }
  return all;
}

/** Kills the process after so many steps; true when it had come to its end. */
async function compactFor(steps: number): Promise<boolean> {
  const script = new URL("./testing/compact-until-killed.ts", import.meta.url);
  const child = startScript(script, [directory]);
  const closed = once(child, "close");
  let isDone = false;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    isDone ||= line === "done";
    seen += 1;
    if (seen === steps) child.kill("SIGKILL");
  }
  await closed;
  return isDone;
}

test("killed at any step of compressing, nothing is lost, and the next process goes on", async () => {
  const before = await inStore(async (store) => {
    await fill(store);
    return everything(store);
  });
  const kills = [3, 25, 12];
  for (const steps of kills) {
    expect(await compactFor(steps)).toBe(false);
    expect(await inStore(everything)).toEqual(before);
  }
  expect(await compactFor(Number.POSITIVE_INFINITY)).toBe(true);
  expect(await inStore(everything)).toEqual(before);
}, 120_000);
