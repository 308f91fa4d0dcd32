import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { link, open, type FileHandle } from "node:fs/promises";

export interface FileFacts {
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

const chunkBytes = 1_048_576;

/** A link in the place of a file could lead anywhere, and a pipe would never end: the file itself or an error. */
async function openPlain(path: string): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error("it is no file");
}

async function readThrough(
  source: FileHandle,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<FileFacts> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let size = 0;
  for (;;) {
    const { bytesRead } = await source.read(buffer, 0, chunkBytes);
    if (bytesRead === 0) return { size, sha256: hash.digest("hex") };
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    await take(chunk);
    size += bytesRead;
  }
}

/** Size and hash of a file, read once. */
export async function fileFacts(
  path: string,
  onBytes: (bytes: number) => void = () => {},
): Promise<FileFacts> {
  const source = await openPlain(path);
  try {
    return await readThrough(source, async (chunk) => onBytes(chunk.length));
  } finally {
    await source.close();
  }
}

/** Copies into a new file (mode 0600) that is on disk when this resolves; its folder is synced by the caller. */
export async function copyFile(
  from: string,
  to: string,
  onBytes: (bytes: number) => void = () => {},
): Promise<FileFacts> {
  const source = await openPlain(from);
  try {
    const target = await open(to, "wx", 0o600);
    try {
      const facts = await readThrough(source, async (chunk) => {
        await target.writeFile(chunk);
        onBytes(chunk.length);
      });
      await target.sync();
      return facts;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** File systems without second names for a file, or none left for this one. */
const noLinks: ReadonlySet<string> = new Set([
  "EXDEV",
  "EPERM",
  "EMLINK",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
]);

/** Gives a file a second name, which costs no space. False where the file system cannot. */
export async function linkFile(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (noLinks.has(code) || code === "ENOENT") return false;
    throw error;
  }
}
