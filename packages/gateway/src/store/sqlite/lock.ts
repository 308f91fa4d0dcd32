import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./sqlite-error.ts";
import { StoreOpenError } from "./store-open-error.ts";

/**
 * Makes this process the only one that uses the folder, until the returned function is called or the
 * process ends however it ends: the lock is the operating system's, so that a crash leaves none behind.
 *
 * A database of its own rather than an exclusive lock on the real one, so that tools can still read that
 * one while the gateway runs. Throws {@link StoreOpenError} when another process has it.
 */
export function lockDirectory(path: string, directory: string): () => void {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new StoreOpenError(
      `The data folder ${directory} is in use by another Recado process. Stop that one first, or give this one a folder of its own (DATA_DIR).`,
      { cause: error },
    );
  }
  return () => lock.close();
}
