import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../../../base/clock.ts";
import { createLogger } from "../../../../base/logger.ts";
import type { Store } from "../../../contract/index.ts";
import { entryOf, newEvent, newTenant, tenantA } from "../../../testing/new-records.ts";
import { openSqliteStore } from "../../index.ts";
import { createBackup, type BackupReport } from "../index.ts";

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "recado-backup-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Opens a data folder's store; whoever opens it closes it. */
export function openStore(directory: string, epoch = "first"): Promise<Store> {
  return openSqliteStore({
    directory,
    clock: systemClock,
    logger: createLogger("silent"),
    newEpoch: () => epoch,
  });
}

/** Appends `count` events named `<prefix><n>` and resolves when they are on disk. */
export async function appendEvents(store: Store, prefix: string, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, n) =>
      store.log.append(tenantA, entryOf(newEvent(`${prefix}${n}`))),
    ),
  );
}

/** Puts a media file where one with that content lies; answers its path in the data folder. */
export function addMedia(dataDir: string, content: string): string {
  const name = createHash("sha256").update(content).digest("hex");
  const path = join("media", "tenanthash", name.slice(0, 2), name);
  mkdirSync(dirname(join(dataDir, path)), { recursive: true });
  writeFileSync(join(dataDir, path), content, { mode: 0o600 });
  return path;
}

/** A data folder with a tenant, events named `<prefix><n>`, keys and a media file named by the prefix. */
export async function newDataFolder(
  directory: string,
  prefix: string,
  count: number,
): Promise<string> {
  const store = await openStore(directory, `epoch-${prefix}`);
  await store.directory.createTenant(newTenant(tenantA.tenantId));
  await appendEvents(store, prefix, count);
  await store.close();
  writeFileSync(join(directory, "secrets.json"), `{"adminKey":"key-of-${prefix}-0123456789"}`, {
    mode: 0o600,
  });
  addMedia(directory, `image of ${prefix}`);
  return directory;
}

/** What a data folder is, as its gateway would find it. Opens and closes its store. */
export interface FolderState {
  readonly ids: readonly string[];
  readonly epoch: string;
  readonly keys: string | undefined;
}

/** Reads a data folder's state, which also completes what a restore left to do there. */
export async function stateOf(directory: string): Promise<FolderState> {
  const store = await openStore(directory, "begun anew");
  try {
    const ids: string[] = [];
    for (;;) {
      const page = await store.log.readAfter(tenantA, ids.length, 1_000);
      if (page.length === 0) break;
      for (const event of page) {
        ids.push(event.id);
        // Dense: the n-th event has offset n.
        if (event.offset !== ids.length) throw new Error(`offset ${event.offset} is out of order`);
      }
    }
    return { ids, epoch: store.log.epoch, keys: readIfThere(join(directory, "secrets.json")) };
  } finally {
    await store.close();
  }
}

/** Paths of everything below a folder, sorted. */
export function everythingIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
}

/** A file's text, or undefined. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // That it is not there is the answer.
  }
}

type Changes = Partial<Parameters<typeof createBackup>[0]>;

/** A backup of `dataDir` in `target` as the command makes it. */
export function backUp(
  dataDir: string,
  target: string,
  changes: Changes = {},
): Promise<BackupReport> {
  return createBackup({
    dataDir,
    target,
    withKeys: true,
    clock: systemClock,
    version: "1.2.3",
    onProgress() {},
    isGentle: false,
    ...changes,
  });
}
