import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkLedger } from "./check-ledger.ts";
import { FindingsCount, type Findings } from "./findings.ts";
import { Ledger } from "./ledger.ts";
import type { PoweredWork } from "./power-cuts.ts";

function checkStore(directory: string, said: string): Promise<Findings> {
  const ledger = new Ledger();
  ledger.read(said);
  return checkLedger(directory, ledger);
}

function checkControl(directory: string, said: string): Promise<Findings> {
  const found = new FindingsCount();
  const ids = said.split("\n").filter((line) => line !== "");
  found.checked = ids.length;
  found.lost = ids.length;
  const path = join(directory, "control.db");
  if (!existsSync(path)) return Promise.resolve(found);
  const db = new DatabaseSync(path);
  try {
    const there = new Set(
      db
        .prepare("SELECT id FROM answered")
        .all()
        .map((row) => String(row["id"])),
    );
    found.lost = ids.filter((id) => !there.has(id)).length;
  } catch (error) {
    found.note(String(error));
  } finally {
    db.close();
  }
  return Promise.resolve(found);
}

/** The store as it is, over `events` events and everything else that it is asked for meanwhile. */
export function storeWork(events: number): PoweredWork {
  const script = new URL("./work.ts", import.meta.url);
  return { script, parameters: ["1", String(events)], check: checkStore };
}

/** The same store on a sync that does nothing: must be caught. */
export function unsyncedWork(events: number): PoweredWork {
  return { ...storeWork(events), parameters: ["1", String(events), "unsynced"] };
}

/** SQLite with `synchronous=NORMAL`: must be seen to lose. */
export function controlWork(commits: number): PoweredWork {
  const script = new URL("./work-control.ts", import.meta.url);
  return { script, parameters: [String(commits)], check: checkControl };
}
