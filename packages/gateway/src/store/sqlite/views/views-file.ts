import { closeSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { schema, schemaVersion, textSchema } from "./schema.ts";

export interface ViewsFileOptions {
  readonly path: string;
  /** Of the log that is followed. */
  readonly epoch: string;
  readonly textSearch: boolean;
}

/**
 * A lost end is followed again, since the place in the log is committed with what was read up to there: a
 * sync per commit would buy nothing.
 */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA journal_size_limit = 16777216;
  PRAGMA cache_size = -16384;
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;
`;

/** How long is waited for a thread that died to let go of the file. */
const busyTimeoutMs = 5_000;

/** Result codes of a file that is damaged or no database (SQLite's CORRUPT and NOTADB). */
const damageCodes = new Set([11, 26]);

/** True when an error means that a file's content is broken. */
export function isDamaged(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" && damageCodes.has(code & 0xff);
}

/**
 * Opens the views of exactly this log, version and setting; whatever else stands there is thrown away.
 * So turning text search off deletes the words with the next start.
 */
export function openViewsFile(options: ViewsFileOptions): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = connect(options);
    if (fits(db, options)) return db;
    db.close();
  } catch (error) {
    db?.close();
    if (!isDamaged(error)) throw error;
  }
  removeViewsFile(options.path);
  return createViewsFile(options);
}

/** Idempotent. */
export function removeViewsFile(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
}

function connect({ path, textSearch }: ViewsFileOptions): DatabaseSync {
  closeSync(openSync(path, "a", 0o600));
  const db = new DatabaseSync(path, {
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: false,
  });
  try {
    db.exec(settings);
    // Words that were deleted must not stay readable in unused pages.
    if (textSearch) db.exec("PRAGMA secure_delete = ON");
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

function fits(db: DatabaseSync, { epoch, textSearch }: ViewsFileOptions): boolean {
  if (db.prepare("PRAGMA user_version").get()?.["user_version"] !== schemaVersion) return false;
  const progress = db.prepare("SELECT epoch, text_search AS text FROM progress").get();
  return progress?.["epoch"] === epoch && progress["text"] === Number(textSearch);
}

function createViewsFile(options: ViewsFileOptions): DatabaseSync {
  const { epoch, textSearch } = options;
  const db = connect(options);
  db.exec(
    `BEGIN; ${schema} ${textSearch ? textSchema : ""} PRAGMA user_version = ${schemaVersion};`,
  );
  db.prepare("INSERT INTO progress VALUES (?, ?, 0)").run(epoch, Number(textSearch));
  db.exec("COMMIT");
  return db;
}
