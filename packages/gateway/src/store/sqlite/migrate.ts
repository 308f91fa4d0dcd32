import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "./store-open-error.ts";

/** Marks a database file as Recado's ("RCDO"), so that another program's file is not taken for ours. */
export const applicationId = 0x5243444f;

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

function readMigrations(): readonly Migration[] {
  const folder = new URL("./migrations/", import.meta.url);
  const names = readdirSync(folder)
    .filter((name) => /^\d{4}-.+\.sql$/.test(name))
    .toSorted();
  return names.map((name, index) => {
    const version = Number(name.slice(0, 4));
    if (version !== index + 1) throw new Error(`migration ${name} is out of order`);
    return { version, name, sql: readFileSync(new URL(name, folder), "utf8") };
  });
}

/** The version that {@link migrate} brings a schema to. */
export function newestSchema(): number {
  return readMigrations().length;
}

function pragma(db: DatabaseSync, name: "application_id" | "user_version"): number {
  const row = db.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name]);
}

/**
 * Brings the schema to the newest version, one transaction per migration; the version is SQLite's
 * `user_version`, which changes with the transaction or not at all. Answers how many migrations ran.
 */
export function migrate(db: DatabaseSync): number {
  const migrations = readMigrations();
  const version = pragma(db, "user_version");
  const id = pragma(db, "application_id");
  const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (id !== applicationId && !(isEmpty && id === 0)) {
    throw new StoreOpenError(
      `The file ${db.location() ?? "given"} is a database of another program, not one of Recado.`,
    );
  }
  if (version > migrations.length) {
    throw new StoreOpenError(
      `The data was written by a newer Recado (schema ${version}; this version knows ${migrations.length}). Start that version or a later one, or restore a backup made before the update.`,
    );
  }
  for (const migration of migrations.slice(version)) {
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(migration.sql);
      db.exec(
        `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migration.version}`,
      );
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw new Error(`migration ${migration.name} failed`, { cause: error });
    }
  }
  return migrations.length - version;
}
