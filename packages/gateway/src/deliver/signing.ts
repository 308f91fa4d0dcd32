import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";

/** Signatures of the Standard Webhooks specification 1.0: `v1`, HMAC-SHA256 over `id.timestamp.body`. */

const prefix = "whsec_";
const minSecretBytes = 24;
const maxSecretBytes = 64;
const standardBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A new secret. These sizes need no `=` at the end, which people lose when they copy. */
export function generateSecret(bytes: 24 | 36 | 48 = 36): string {
  return prefix + randomBytes(bytes).toString("base64");
}

/**
 * True for `whsec_` followed by the standard, padded base64 of 24 to 64 bytes. The library accepts three
 * bytes as well and takes a wrong prefix for base64, so the rule is ours to keep.
 */
export function isUsableSecret(secret: string): boolean {
  if (!secret.startsWith(prefix)) return false;
  const encoded = secret.slice(prefix.length);
  if (!standardBase64.test(encoded)) return false;
  const { length } = Buffer.from(encoded, "base64");
  return length >= minSecretBytes && length <= maxSecretBytes;
}

/** Signs with one secret; made once for each. */
export type SignWith = (id: string, timestamp: number, body: Buffer) => string;

/** `timestamp` is in whole Unix seconds. The secret must be usable. */
export function signerFor(secret: string): SignWith {
  const webhook = new Webhook(secret);
  return (id, timestamp, body) => webhook.sign(id, new Date(timestamp * 1_000), body);
}

/** The header's value: one signature for each secret, the current one first. */
export function signatureHeader(
  signers: readonly SignWith[],
  id: string,
  timestamp: number,
  body: Buffer,
): string {
  return signers.map((sign) => sign(id, timestamp, body)).join(" ");
}
