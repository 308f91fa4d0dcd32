import { createHmac, subtle, timingSafeEqual } from "node:crypto";
import type { AuthOutcome, WebhookRequest } from "../contract.ts";

const hexDigest = /^[0-9a-f]{128}$/i;

/** Above this many bytes the digest is made outside of the event loop: 20 MB would hold it for 50 ms. */
const smallBody = 262_144;

async function hmacOf(secret: string, bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length <= smallBody) return createHmac("sha512", secret).update(bytes).digest();
  const algorithm = { name: "HMAC", hash: "SHA-512" };
  const raw = new TextEncoder().encode(secret);
  const key = await subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  return Buffer.from(await subtle.sign("HMAC", key, bytes as Uint8Array<ArrayBuffer>));
}

/**
 * Verifies `X-Webhook-Hmac`: the hexadecimal HMAC-SHA512 of the body's bytes, nothing else (WAHA signs no
 * time, so the same value comes on every retry; recorded on 2026.2.1).
 *
 * Without a key WAHA sends neither header, which is `unsigned`. `X-Webhook-Hmac-Algorithm` may be left
 * out by a proxy; when it is there it must say sha512, and a fork's version 2 (which signs the time too)
 * is refused by name instead of looking like a wrong key.
 */
export async function authenticate(request: WebhookRequest, secret: string): Promise<AuthOutcome> {
  const given = request.headers["x-webhook-hmac"]?.trim();
  if (given === undefined || given === "") return { kind: "unsigned" };
  const algorithm = request.headers["x-webhook-hmac-algorithm"]?.trim().toLowerCase();
  if (algorithm !== undefined && algorithm !== "" && algorithm !== "sha512") {
    return { kind: "forged", reason: "x-webhook-hmac-algorithm is not sha512" };
  }
  const version = request.headers["x-webhook-hmac-version"]?.trim();
  if (version !== undefined && version !== "" && version !== "1") {
    return { kind: "forged", reason: "x-webhook-hmac-version is not supported" };
  }
  if (secret === "")
    return { kind: "forged", reason: "no secret is set to verify the signature with" };
  if (!hexDigest.test(given))
    return { kind: "forged", reason: "x-webhook-hmac is not a sha512 digest" };
  const expected = await hmacOf(secret, request.bytes);
  return timingSafeEqual(expected, Buffer.from(given, "hex"))
    ? { kind: "authentic" }
    : { kind: "forged", reason: "x-webhook-hmac does not match the body" };
}
