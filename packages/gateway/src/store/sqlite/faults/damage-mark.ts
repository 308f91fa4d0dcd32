import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../store-open-error.ts";

/**
 * A file beside the database that says: damage was met here. Without it every start would go well, take
 * webhooks, meet the damage again and end, over and over under a supervisor.
 */
function markPath(directory: string): string {
  return join(directory, "recado.damaged");
}

/** Leaves the mark. Throws when the folder cannot be written to. */
export function markDamaged(directory: string, reason: string, at: Date): void {
  const text = `${at.toISOString()} ${reason}\nRecado looks at the whole database at its next start, and removes this file when it is sound.\n`;
  writeFileSync(markPath(directory), text, { mode: 0o600 });
}

/**
 * Where the mark stands, the whole database is read before anything is stored in it (about a gigabyte in ten
 * seconds): a sound one, for example a restored backup, loses the mark; a damaged one is refused with
 * {@link StoreOpenError}.
 */
export function refuseDamaged(directory: string, db: DatabaseSync): void {
  const path = markPath(directory);
  if (!existsSync(path)) return;
  const found = db.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
  if (found === "ok") {
    rmSync(path, { force: true });
    return;
  }
  throw new StoreOpenError(damagedMessage(directory), { cause: new Error(String(found)) });
}

export function damagedMessage(directory: string): string {
  return `The database in ${directory} is damaged or no database. Restore a backup (recado restore), or move recado.db and recado.db-wal away to begin with an empty log; keep them, most of what is in them can be read (docs/durability.md).`;
}
