import { mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** The name of a folder's entry is on disk when it resolves. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot sync a folder; its file systems keep names in their journal.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes `folder` where it is not, with every folder's name on disk that had to be made. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let at = folder; at.length >= made.length; at = dirname(at)) await syncFolder(dirname(at));
}

/** Makes the folder of unfinished files empty: what is in it was left by a crash. */
export async function emptyIncoming(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
}
