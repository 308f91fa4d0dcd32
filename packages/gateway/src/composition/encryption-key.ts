import type { SecretBox } from "../base/secret-box.ts";
import { ConfigError } from "../config/index.ts";
import type { Directory } from "../store/contract/index.ts";

/**
 * Rejects when what is stored was sealed with another key. Found out later, every delivery would use up
 * its attempts and every signed webhook would be answered 500.
 */
export async function requireSameEncryptionKey(
  directory: Directory,
  secretBox: SecretBox,
): Promise<void> {
  const sealed = await directory.settingOnce("encryption_key_check", secretBox.seal("recado"));
  try {
    secretBox.open(sealed);
  } catch (error) {
    throw new ConfigError(
      "The stored secrets were encrypted with another key. Set ENCRYPTION_KEY to that key, or restore secrets.json in DATA_DIR from its backup.",
      { cause: error },
    );
  }
}
