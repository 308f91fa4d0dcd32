import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError, type Config } from "./config.ts";

/** Secrets in the form in which they are used. */
export interface Secrets {
  readonly adminKey: string;
  readonly jwtSecret: string;
  /** 32 bytes. */
  readonly encryptionKey: Uint8Array;
  /** True on the start that made the admin key: the only time that it is shown. */
  readonly adminKeyIsNew: boolean;
}

const fileSchema = z.object({
  adminKey: z.string().min(16).optional(),
  jwtSecret: z.string().min(16).optional(),
  encryptionKey: z.string().optional(),
});
type SecretFile = z.infer<typeof fileSchema>;

function keyBytes(text: string): Uint8Array {
  const bytes = /^[0-9a-fA-F]{64}$/.test(text)
    ? Buffer.from(text, "hex")
    : Buffer.from(text, "base64");
  if (bytes.length !== 32) {
    throw new ConfigError(
      "ENCRYPTION_KEY must be 32 bytes, written as 64 hex digits or as base64.",
    );
  }
  return bytes;
}

async function readSecretFile(path: string): Promise<SecretFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new ConfigError(`The generated keys in ${path} cannot be read: ${String(error)}`);
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigError(
      `The generated keys in ${path} are damaged. Restore the file from a backup: without it stored secrets cannot be opened.`,
      { cause: error },
    );
  }
}

/**
 * The encryption key as it is given, else as the file of generated keys has it, else undefined. Rejects with
 * {@link ConfigError} when it is no key.
 */
export async function encryptionKeyFor(
  given: string | undefined,
  path: string,
): Promise<Uint8Array | undefined> {
  const text = given ?? (await readSecretFile(path)).encryptionKey;
  return text === undefined ? undefined : keyBytes(text);
}

/** Whole or not at all, also across a power cut: a half-written key file would lock everything up. */
async function writeSecretFile(
  path: string,
  directory: string,
  secrets: SecretFile,
): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(secrets, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(directory, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const folderFaults: Readonly<Record<string, string>> = {
  EEXIST: "it is not a folder",
  ENOTDIR: "a part of its path is not a folder",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

/** What the system says of the data folder, in words for the operator. */
function folderError(directory: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const fault = folderFaults[code];
  return fault === undefined
    ? error
    : new ConfigError(`The data folder ${directory} cannot be used (DATA_DIR): ${fault}.`, {
        cause: error,
      });
}

async function inFolder<T>(directory: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw folderError(directory, error);
  }
}

/**
 * The secrets given by the operator, the rest from DATA_DIR, and what is in neither generated there
 * (file mode 0600).
 */
export async function loadSecrets(config: Config): Promise<Secrets> {
  const { dataDir } = config;
  await inFolder(dataDir, () => mkdir(dataDir, { recursive: true, mode: 0o700 }));
  const path = join(dataDir, "secrets.json");
  const stored = await readSecretFile(path);
  const next = {
    adminKey: config.adminKey ?? stored.adminKey ?? `rka_${randomBytes(24).toString("base64url")}`,
    jwtSecret: config.jwtSecret ?? stored.jwtSecret ?? randomBytes(32).toString("base64url"),
    encryptionKey: config.encryptionKey ?? stored.encryptionKey ?? randomBytes(32).toString("hex"),
  };
  // Before anything is written: a refused start must not use up the one time that a new key is shown.
  const encryptionKey = keyBytes(next.encryptionKey);
  const keep: SecretFile = {
    ...stored,
    ...(config.adminKey === undefined ? { adminKey: next.adminKey } : {}),
    ...(config.jwtSecret === undefined ? { jwtSecret: next.jwtSecret } : {}),
    ...(config.encryptionKey === undefined ? { encryptionKey: next.encryptionKey } : {}),
  };
  if (JSON.stringify(keep) !== JSON.stringify(stored))
    await inFolder(dataDir, () => writeSecretFile(path, dataDir, keep));
  else if (Object.keys(stored).length > 0) await chmod(path, 0o600);
  return {
    adminKey: next.adminKey,
    jwtSecret: next.jwtSecret,
    encryptionKey,
    adminKeyIsNew: config.adminKey === undefined && stored.adminKey === undefined,
  };
}
