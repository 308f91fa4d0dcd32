import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/**
 * Encryption of secrets at rest: AES-256-GCM, a fresh nonce for each value.
 *
 * The stored text is `v1.<nonce>.<tag>.<ciphertext>` in base64url, so that a later key or algorithm can
 * live beside it.
 */
export interface SecretBox {
  seal(plain: string): string;
  /** Throws when the text was sealed with another key or changed since. */
  open(sealed: string): string;
}

/** `key` must be 32 bytes. */
export function createSecretBox(key: Uint8Array): SecretBox {
  if (key.length !== 32) throw new Error("an encryption key has 32 bytes");
  return {
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return [
        "v1",
        ...[nonce, cipher.getAuthTag(), text].map((part) => part.toString("base64url")),
      ].join(".");
    },
    open(sealed) {
      const [version, nonce, tag, text] = sealed.split(".");
      if (version !== "v1" || nonce === undefined || tag === undefined || text === undefined) {
        throw new Error("not a sealed secret");
      }
      const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"), {
        authTagLength: 16,
      });
      decipher.setAuthTag(Buffer.from(tag, "base64url"));
      return Buffer.concat([
        decipher.update(Buffer.from(text, "base64url")),
        decipher.final(),
      ]).toString("utf8");
    },
  };
}
