import { lchownSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Gives what root made in a data folder to the folder's owner: the gateway may run as that user. Anybody
 * else made it as themselves, and could not give it away. Links are given, never what they lead to, and each
 * folder after what is in it: that user must not choose what root gives away.
 */
export function giveToOwner(path: string, dataDir: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dataDir);
  const inner = lstatSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: "utf8" })
    : [];
  // Sorted backwards, what is in a folder comes before it.
  for (const name of inner.toSorted().toReversed()) lchownSync(join(path, name), uid, gid);
  lchownSync(path, uid, gid);
}
