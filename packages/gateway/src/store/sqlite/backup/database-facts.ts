import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { applicationId, newestSchema } from "../migrate.ts";
import { BackupFailure, BackupRefusal } from "./backup-error.ts";

/** What a manifest says of the database, read from the copy. */
export interface DatabaseFacts {
  /** SQLite's `user_version`: the newest migration that it has seen. */
  readonly schema: number;
  readonly epoch: string;
  readonly tenants: readonly { readonly id: string; readonly head: number }[];
  /** A text sealed with the encryption key, to tell whether a key is the right one; absent before the first start was complete. */
  readonly sealedCheck?: string;
}

/** Offsets above what is indexed; until schema 2 the head itself was written with every event. */
const recentHead = `coalesce((SELECT max("offset") FROM events
  WHERE tenant = number AND position > (SELECT through FROM log_progress)), 0)`;

function valueOf(db: DatabaseSync, sql: string): SQLOutputValue | undefined {
  return Object.values(db.prepare(sql).get() ?? {})[0];
}

/** The schema of a database of ours. Throws {@link BackupRefusal} for another program's or a newer Recado's. */
export function requireKnownSchema(db: DatabaseSync, path: string): number {
  if (valueOf(db, "PRAGMA application_id") !== applicationId) {
    throw new BackupRefusal(`The file ${path} is no database of Recado.`);
  }
  const schema = Number(valueOf(db, "PRAGMA user_version"));
  const newest = newestSchema();
  if (schema > newest) {
    throw new BackupRefusal(
      `The data was written by a newer Recado (schema ${schema}; this version knows ${newest}). Use that version or a later one.`,
    );
  }
  return schema;
}

/** Reads what a manifest says; `db` must be a copy or a snapshot, so that all of it is of one moment. */
export function readDatabaseFacts(db: DatabaseSync, path: string): DatabaseFacts {
  const schema = requireKnownSchema(db, path);
  const setting = (name: string): string | undefined => {
    const value = valueOf(db, `SELECT value FROM settings WHERE name = '${name}'`);
    return value === undefined ? undefined : String(value);
  };
  const epoch = setting("epoch");
  if (epoch === undefined) {
    throw new BackupRefusal(`The database ${path} was never started: there is nothing to back up.`);
  }
  const rows = db
    .prepare(
      `SELECT tenant_id AS id, max(head, ${schema >= 2 ? recentHead : "0"}) AS head
       FROM log_tenants WHERE tenant_id IS NOT NULL ORDER BY tenant_id`,
    )
    .all();
  const sealedCheck = setting("encryption_key_check");
  return {
    schema,
    epoch,
    tenants: rows.map((row) => ({ id: String(row["id"]), head: Number(row["head"]) })),
    ...(sealedCheck === undefined ? {} : { sealedCheck }),
  };
}

/** Throws {@link BackupFailure} when a page, a row or an index of the database is not as it should be. */
export function requireIntegrity(db: DatabaseSync, path: string): void {
  const found = db
    .prepare("PRAGMA integrity_check(3)")
    .all()
    .map((row) => String(row["integrity_check"]));
  if (found.length === 1 && found[0] === "ok") return;
  throw new BackupFailure(`The database ${path} is damaged: ${found.join("; ")}.`);
}
