import { chownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Gives what root made in a data folder to the folder's owner: the gateway may run as that user. Anybody
 * else made it as themselves, and could not give it away.
 */
export function giveToOwner(path: string, dataDir: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dataDir);
  chownSync(path, uid, gid);
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" })) {
    chownSync(join(path, name), uid, gid);
  }
}
