import { statfs } from "node:fs/promises";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { DiskSpace } from "../../contract/index.ts";

const mebibyte = 1024 * 1024;
/** Below this a busy installation has hours rather than days; on a small disk, a tenth of it. */
const lowBytes = 1024 * mebibyte;
const lowShare = 0.1;
/** What must be free again before the warning ends, in proportion: it must not come and go at the line. */
const enough = 1.25;

/** Free and total bytes of a folder's file system. */
export type ReadSpace = (directory: string) => Promise<Omit<DiskSpace, "isLow">>;

const readSpace: ReadSpace = async (directory) => {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
};

/** Whether free space counts as low, given whether it did before. */
export function isLowSpace(space: Omit<DiskSpace, "isLow">, wasLow: boolean): boolean {
  const line = Math.min(lowBytes, space.totalBytes * lowShare);
  return space.freeBytes < (wasLow ? line * enough : line);
}

export interface DiskWatchOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: number;
  /** Called with each look, also when the space could not be read. */
  readonly looked: () => void;
  /** `fs.statfs`, replaced in tests. */
  readonly read?: ReadSpace;
}

/**
 * Looks at the free space now and then, and warns before it runs out: one line when it becomes low, one
 * when there is enough again.
 */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  #latest: DiskSpace | undefined;
  #isLow = false;
  #isStopped = false;
  #cancel: () => void = () => {};

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    void this.#look();
  }

  get latest(): DiskSpace | undefined {
    return this.#latest;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { clock, directory, everyMs, looked, read = readSpace } = this.#options;
    try {
      this.#take(await read(directory));
    } catch {
      // Some file systems do not tell. Whether writes succeed is what counts, and that is seen elsewhere.
      this.#latest = undefined;
    }
    if (this.#isStopped) return;
    looked();
    this.#cancel = clock.after(everyMs, () => void this.#look());
  }

  #take(space: Omit<DiskSpace, "isLow">): void {
    const wasLow = this.#isLow;
    const isLow = isLowSpace(space, wasLow);
    this.#isLow = isLow;
    this.#latest = { ...space, isLow };
    if (isLow === wasLow || this.#isStopped) return;
    const { freeBytes, totalBytes } = space;
    if (isLow)
      this.#options.logger.warn(
        { freeBytes, totalBytes },
        "the disk under the data folder is nearly full",
      );
    else
      this.#options.logger.info(
        { freeBytes, totalBytes },
        "the disk under the data folder has room again",
      );
  }
}
