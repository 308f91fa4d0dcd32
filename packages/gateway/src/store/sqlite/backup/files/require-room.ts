import { statfsSync } from "node:fs";
import { BackupFailure } from "../backup-error.ts";

const megabyte = 1_048_576;

/** Throws {@link BackupFailure} when the disk of `folder` has not `bytes` free: said before hours of copying, not after. */
export function requireRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new BackupFailure(
    `The disk of ${folder} has ${Math.floor(free / megabyte)} MB free and ${Math.ceil(bytes / megabyte)} MB are needed. Make room, or use another disk.`,
  );
}
