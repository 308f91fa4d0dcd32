import type { BackupProgress, OnProgress } from "../store/sqlite/backup/index.ts";

/** Steps that are short and better completed than left. */
const unstoppable: ReadonlySet<BackupProgress["step"]> = new Set([
  "publish",
  "commit",
  "move",
  "remove",
]);

/**
 * Runs `work` with a progress callback that ends it at its next step after SIGINT or SIGTERM, so that it
 * removes what it made so far. A second signal ends the process at once.
 */
export async function untilInterrupted<T>(
  onProgress: OnProgress,
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  let isAsked = false;
  const ask = (): void => {
    if (isAsked) process.exit(1);
    isAsked = true;
  };
  process.on("SIGINT", ask).on("SIGTERM", ask);
  try {
    return await work((progress) => {
      if (isAsked && !unstoppable.has(progress.step))
        throw new Error("interrupted; nothing was changed");
      onProgress(progress);
    });
  } finally {
    process.off("SIGINT", ask).off("SIGTERM", ask);
  }
}
