import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { BackupFailure, BackupRefusal } from "./backup-error.ts";

export const manifestName = "manifest.json";
export const databaseName = "recado.db";
export const keysName = "secrets.json";
export const mediaName = "media";

const formatVersion = 1;

/**
 * What may stand in a backup, by its path: a manifest is a file that anybody could have changed, and its
 * paths are written to. No segment begins with a dot, so none leads out of the folder.
 */
const backupPath = /^(recado\.db|secrets\.json|media(\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}){1,6})$/;

const fileSchema = z.object({
  path: z.string().regex(backupPath),
  /** Bytes. */
  size: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifestSchema = z.object({
  format: z.literal("recado-backup"),
  formatVersion: z.literal(formatVersion),
  /** Of the Recado that made it. */
  version: z.string(),
  /** Everything that was acknowledged before this moment is in it. ISO 8601. */
  createdAt: z.iso.datetime(),
  /** Number of the newest migration that the database has seen. */
  schema: z.int().positive(),
  /** Of the log that was copied; a restored one has another. */
  epoch: z.string().min(1),
  /** Whether the generated keys are in it. */
  keys: z.boolean(),
  /** Newest offset of each tenant. */
  tenants: z.array(z.object({ id: z.string(), head: z.int().nonnegative() })),
  files: z.array(fileSchema),
});

export type BackupFile = z.infer<typeof fileSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** Fills in what every manifest of this version has. */
export function newManifest(rest: Omit<Manifest, "format" | "formatVersion">): Manifest {
  return { format: "recado-backup", formatVersion, ...rest };
}

/** True for a path that a backup may hold. */
export function isBackupPath(path: string): boolean {
  return backupPath.test(path);
}

function parsed(folder: string, text: string): Manifest {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw damaged(folder, error);
  }
  const version = z.object({ formatVersion: z.number() }).safeParse(content);
  if (version.success && version.data.formatVersion > formatVersion) {
    throw new BackupRefusal(
      `The backup ${folder} was made by a newer Recado (format ${version.data.formatVersion}; this version knows ${formatVersion}). Restore it with that version or a later one.`,
    );
  }
  const manifest = manifestSchema.safeParse(content);
  if (!manifest.success) throw damaged(folder, manifest.error);
  const paths = manifest.data.files.map((file) => file.path);
  const complete = paths.includes(databaseName) && paths.includes(keysName) === manifest.data.keys;
  if (!complete || new Set(paths).size < paths.length) throw damaged(folder, undefined);
  return manifest.data;
}

function damaged(folder: string, cause: unknown): BackupFailure {
  return new BackupFailure(
    `The backup ${folder} is damaged: its ${manifestName} does not describe a backup. Use another one.`,
    { cause },
  );
}

/**
 * The manifest of a backup; undefined where there is none. Throws {@link BackupFailure} for a damaged one
 * and {@link BackupRefusal} for one of a newer Recado.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, manifestName), "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return parsed(folder, text);
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR"].includes(String(error.code))
  );
}
