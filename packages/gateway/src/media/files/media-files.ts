import { statSync, unlinkSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, utimes, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";

/**
 * Files by their content: `<folder>/<tenant part>/<first two digits>/<sha256>`.
 *
 * I1 A file has its name only when all of it is on disk, and the name is on disk when `put` resolves.
 * I2 No part of a path comes from outside: both are digits of ours, and are checked again here.
 * I3 Each tenant has files of its own: that another has the same one cannot be found out.
 * I4 A file's time is that of the last body that held it, so that one which came again lives on.
 * Proven by `media-files.test.ts`.
 */
export interface MediaFiles {
  /** Makes the folders and removes what a crash left unfinished. */
  open(): Promise<void>;
  /** Gives the file at `path` (synced, in {@link MediaFiles.incoming}) its place. */
  put(tenantPart: string, sha256: string, path: string): Promise<void>;
  /** Undefined when there is none. The caller closes it. */
  read(tenantPart: string, sha256: string): Promise<OpenFile | undefined>;
  /** The tenants that have files. */
  tenantParts(): Promise<readonly string[]>;
  /** Removes a tenant's files that no body held since `before` (Unix ms), at most `limit`. */
  expire(tenantPart: string, before: number, limit: number): Promise<Expired>;
  /** Until the returned function is called these files stay, whatever their time is. */
  hold(tenantPart: string, hashes: readonly string[]): () => void;
  readonly incoming: string;
}

export interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes. */
  readonly size: number;
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
const shelfForm = /^[0-9a-f]{2}$/;

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot sync a folder; its file systems keep names in their journal.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function namesIn(folder: string, form: RegExp): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => form.test(name)).toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

class Folder implements MediaFiles {
  readonly incoming: string;
  readonly #folder: string;
  readonly #clock: Clock;
  /** How many hold a file, by its path. */
  readonly #held = new Map<string, number>();

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
    this.incoming = join(folder, ".incoming");
  }

  async open(): Promise<void> {
    await rm(this.incoming, { recursive: true, force: true });
    await this.#folderWith(this.incoming);
  }

  async put(tenantPart: string, sha256: string, path: string): Promise<void> {
    const place = this.#place(tenantPart, sha256);
    const release = this.hold(tenantPart, [sha256]);
    try {
      const now = new Date(this.#clock.now());
      await this.#folderWith(dirname(place));
      await utimes(path, now, now);
      // Also over the same file: whoever reads the older one goes on reading it.
      await rename(path, place);
      await syncFolder(dirname(place));
    } finally {
      release();
    }
  }

  async read(tenantPart: string, sha256: string): Promise<OpenFile | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(this.#place(tenantPart, sha256), "r");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      return { handle, size: (await handle.stat()).size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  tenantParts(): Promise<readonly string[]> {
    return namesIn(this.#folder, tenantForm);
  }

  async expire(tenantPart: string, before: number, limit: number): Promise<Expired> {
    const gone = { files: 0, bytes: 0, keptFiles: 0, keptBytes: 0 };
    const home = join(this.#folder, tenantPart);
    for (const shelf of await namesIn(home, shelfForm)) {
      for (const name of await namesIn(join(home, shelf), hashForm)) {
        const size = this.#expireOne(this.#place(tenantPart, name), before);
        if (size === undefined) continue;
        if (size.kept) {
          gone.keptFiles++;
          gone.keptBytes += size.bytes;
        } else {
          gone.files++;
          gone.bytes += size.bytes;
        }
        if (gone.files >= limit) return gone;
      }
    }
    return gone;
  }

  hold(tenantPart: string, hashes: readonly string[]): () => void {
    const places = hashes.map((sha256) => this.#place(tenantPart, sha256));
    for (const place of places) this.#held.set(place, (this.#held.get(place) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      for (const place of places) {
        const left = (this.#held.get(place) ?? 1) - 1;
        if (left === 0) this.#held.delete(place);
        else this.#held.set(place, left);
      }
    };
  }

  /** In one turn, so that nobody begins to hold it between the look and the removal. */
  #expireOne(
    place: string,
    before: number,
  ): { readonly kept: boolean; readonly bytes: number } | undefined {
    const found = statSync(place, { throwIfNoEntry: false });
    if (!found) return undefined;
    if (this.#held.has(place) || found.mtimeMs >= before) return { kept: true, bytes: found.size };
    unlinkSync(place);
    return { kept: false, bytes: found.size };
  }

  #place(tenantPart: string, sha256: string): string {
    if (!tenantForm.test(tenantPart) || !hashForm.test(sha256))
      throw new Error("a file is named by two hashes");
    return join(this.#folder, tenantPart, sha256.slice(0, 2), sha256);
  }

  /** With every folder's name on disk that had to be made. */
  async #folderWith(folder: string): Promise<void> {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made === undefined) return;
    for (let at = folder; at.length >= made.length; at = dirname(at)) await syncFolder(dirname(at));
  }
}

/** `folder` is made when it does not exist. */
export function createMediaFiles(folder: string, clock: Clock): MediaFiles {
  return new Folder(folder, clock);
}
