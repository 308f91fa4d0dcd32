import { statSync, unlinkSync } from "node:fs";
import { open, readdir, rename, utimes, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import { FileHolds } from "../file-holds.ts";
import { emptyIncoming, makeFolder, syncFolder } from "../incoming-folder.ts";
import {
  isTenantPart,
  placeOf,
  type Expired,
  type MediaFiles,
  type OpenFile,
} from "../media-files.ts";

const isShelf = (name: string): boolean => /^[0-9a-f]{2}$/.test(name);
const isHash = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

async function namesIn(
  folder: string,
  isOurs: (name: string) => boolean,
): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(isOurs).toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function openFile(handle: FileHandle, size: number): OpenFile {
  return {
    size,
    stream: (start, end) => Promise.resolve(handle.createReadStream({ start, end })),
    bytes: () => handle.readFile(),
    close: () => handle.close(),
  };
}

class Folder implements MediaFiles {
  readonly kind = "folder";
  readonly incoming: string;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #holds = new FileHolds();

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
    this.incoming = join(folder, ".incoming");
  }

  async open(): Promise<void> {
    await emptyIncoming(this.incoming);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async put(tenantPart: string, sha256: string, path: string): Promise<void> {
    const place = this.#place(tenantPart, sha256);
    const release = this.hold(tenantPart, [sha256]);
    try {
      const now = new Date(this.#clock.now());
      await makeFolder(dirname(place));
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
      return openFile(handle, (await handle.stat()).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  tenantParts(): Promise<readonly string[]> {
    return namesIn(this.#folder, isTenantPart);
  }

  async expire(tenantPart: string, before: number, limit: number): Promise<Expired> {
    const gone = { files: 0, bytes: 0, keptFiles: 0, keptBytes: 0 };
    const home = join(this.#folder, tenantPart);
    for (const shelf of await namesIn(home, isShelf)) {
      for (const name of await namesIn(join(home, shelf), isHash)) {
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
    return this.#holds.hold(hashes.map((sha256) => this.#place(tenantPart, sha256)));
  }

  /** In one turn, so that nobody begins to hold it between the look and the removal. */
  #expireOne(
    place: string,
    before: number,
  ): { readonly kept: boolean; readonly bytes: number } | undefined {
    const found = statSync(place, { throwIfNoEntry: false });
    if (!found) return undefined;
    if (this.#holds.has(place) || found.mtimeMs >= before) return { kept: true, bytes: found.size };
    unlinkSync(place);
    return { kept: false, bytes: found.size };
  }

  #place(tenantPart: string, sha256: string): string {
    return join(this.#folder, placeOf(tenantPart, sha256));
  }
}

/** Files in a folder of the local disk, which is made when it does not exist. */
export function createFolderFiles(folder: string, clock: Clock): MediaFiles {
  return new Folder(folder, clock);
}
