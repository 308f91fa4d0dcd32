import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { classifyFailure } from "../sqlite-error.ts";
import { BackupFailure } from "./backup-error.ts";
import { findBackup, type FoundBackup } from "./backup-target.ts";
import { fileFacts, type FileFacts } from "./files/copy-file.ts";
import {
  readDatabaseFacts,
  requireIntegrity,
  requireKnownSchema,
  type DatabaseFacts,
} from "./database-facts.ts";
import { databaseName, type BackupFile, type Manifest } from "./manifest.ts";
import type { OnProgress } from "./progress.ts";

/** Bytes of everything in a backup. */
export function totalBytes(manifest: Manifest): number {
  return manifest.files.reduce((sum, file) => sum + file.size, 0);
}

/** Throws {@link BackupFailure} when a file is not what the manifest says. */
export function requireSame(folder: string, file: BackupFile, facts: FileFacts): void {
  if (facts.size === file.size && facts.sha256 === file.sha256) return;
  throw new BackupFailure(
    `The backup ${folder} is damaged: ${file.path} is not what it was when the backup was made. Use another one.`,
  );
}

/** What reading a file of a backup failed with, in words. */
export function unreadable(folder: string, path: string, error: unknown): BackupFailure {
  const reason = error instanceof Error ? error.message : String(error);
  return new BackupFailure(
    `The backup ${folder} cannot be used: ${path} cannot be read (${reason}).`,
    {
      cause: error,
    },
  );
}

/**
 * Reads a whole backup and looks at every page of its database, changing nothing: resolves when it could
 * be restored. Rejects with `BackupFailure` when it is damaged and `BackupRefusal` when there is none.
 */
export async function verifyBackup(
  given: string,
  onProgress: OnProgress,
): Promise<FoundBackup & { readonly facts: DatabaseFacts }> {
  const found = await findBackup(given);
  const { folder, manifest } = found;
  const total = totalBytes(manifest);
  let done = 0;
  onProgress({ step: "verify", done, total });
  for (const file of manifest.files) {
    const facts = await fileFacts(join(folder, file.path), (bytes) => {
      done += bytes;
      onProgress({ step: "verify", done, total });
    }).catch((error: unknown) => {
      throw unreadable(folder, file.path, error);
    });
    requireSame(folder, file, facts);
  }
  onProgress({ step: "integrity" });
  return { ...found, facts: checkDatabase(folder) };
}

function checkDatabase(folder: string): DatabaseFacts {
  const path = join(folder, databaseName);
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    requireKnownSchema(db, path);
    requireIntegrity(db, path);
    return readDatabaseFacts(db, path);
  } catch (error) {
    if (classifyFailure(error) !== "fatal") throw error;
    throw new BackupFailure(`The database ${path} is damaged. Use another backup.`, {
      cause: error,
    });
  } finally {
    db.close();
  }
}
