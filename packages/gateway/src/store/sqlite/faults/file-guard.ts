import { statSync, type Stats } from "node:fs";

/**
 * Tells whether an open file is still the one that its path names. After the path was removed or replaced,
 * writes go on without an error into a file that the next start will not find.
 */
export class FileGuard {
  readonly #path: string;
  readonly #inode: number;
  readonly #device: number;

  /** `file` is the one that `path` must go on naming. */
  constructor(path: string, file: Pick<Stats, "ino" | "dev">) {
    this.#path = path;
    this.#inode = file.ino;
    this.#device = file.dev;
  }

  /** One system call, about three microseconds. A path that cannot be looked at counts as gone. */
  isInPlace(): boolean {
    try {
      const found = statSync(this.#path, { throwIfNoEntry: false });
      return found?.ino === this.#inode && found.dev === this.#device;
    } catch {
      return false;
    }
  }
}
