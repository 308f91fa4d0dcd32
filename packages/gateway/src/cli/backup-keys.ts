import { createSecretBox } from "../base/secret-box.ts";
import { encryptionKeyFor } from "../config/index.ts";

/**
 * Whether a key opens what is sealed in a database: the key given, else the one of the file of generated
 * keys. True where nothing was sealed yet. Rejects with `ConfigError` when the key is no key.
 */
export async function keysOpen(
  sealedCheck: string | undefined,
  given: string | undefined,
  secretsPath: string,
): Promise<boolean> {
  if (sealedCheck === undefined) return true;
  const key = await encryptionKeyFor(given, secretsPath);
  if (!key) return false;
  try {
    createSecretBox(key).open(sealedCheck);
    return true;
  } catch {
    // That it does not open is the answer.
    return false;
  }
}
