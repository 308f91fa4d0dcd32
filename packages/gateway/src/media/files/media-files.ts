import type { Readable } from "node:stream";

/**
 * Files by their content: `<tenant part>/<first two digits>/<sha256>`, in a folder or in a bucket.
 *
 * I1 A file has its name only when all of it is safe, and is there under its name when `put` resolves.
 * I2 No part of a path comes from outside: both are digits of ours, and are checked again here.
 * I3 Each tenant has files of its own: that another has the same one cannot be found out.
 * I4 A file's time is that of the last body that held it, so that one which came again lives on.
 *
 * A store that cannot be reached makes `put`, `read`, `expire` and `tenantParts` reject.
 * Proven by `media-files.test.ts`, for every store alike.
 */
export interface MediaFiles {
  /** Makes the folders and removes what a crash left unfinished. Resolves although a bucket cannot be reached. */
  open(): Promise<void>;
  /** What is under way is refused. Idempotent. */
  close(): Promise<void>;
  /** Moves the file at `path` (synced, in {@link MediaFiles.incoming}) to its place. */
  put(tenantPart: string, sha256: string, path: string): Promise<void>;
  /** Undefined when there is none. The caller closes it. */
  read(tenantPart: string, sha256: string): Promise<OpenFile | undefined>;
  /** The tenants that have files. */
  tenantParts(): Promise<readonly string[]>;
  /** Removes a tenant's files that no body held since `before` (Unix ms), at most `limit`. */
  expire(tenantPart: string, before: number, limit: number): Promise<Expired>;
  /** Until the returned function is called these files stay, whatever their time is. */
  hold(tenantPart: string, hashes: readonly string[]): () => void;
  /** The folder of unfinished files, on the local disk. */
  readonly incoming: string;
  readonly kind: "folder" | "bucket";
}

export interface OpenFile {
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes from `start` to `end`, both inclusive and within the file. The stream closes the file when it
   * ends or is destroyed; a rejection leaves it closed. Undefined when it is gone since it was opened.
   */
  stream(start: number, end: number): Promise<Readable | undefined>;
  /** All of it; undefined when it is gone since it was opened. */
  bytes(): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

export interface Expired {
  readonly files: number;
  readonly bytes: number;
  /** What is left, as far as was looked: all of it unless `files` is the limit. */
  readonly keptFiles: number;
  readonly keptBytes: number;
}

const tenantForm = /^[0-9a-f]{32}$/;
const hashForm = /^[0-9a-f]{64}$/;

export function isTenantPart(name: string): boolean {
  return tenantForm.test(name);
}

/** Of a file, `<tenant part>/<first two digits>/<sha256>`. Throws when either is no hash. */
export function placeOf(tenantPart: string, sha256: string): string {
  if (!tenantForm.test(tenantPart) || !hashForm.test(sha256))
    throw new Error("a file is named by two hashes");
  return `${tenantPart}/${sha256.slice(0, 2)}/${sha256}`;
}
