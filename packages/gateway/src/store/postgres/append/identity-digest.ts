import { hash } from "node:crypto";

/**
 * What an identity is found by: 128 bits of SHA-256 over tenant, instance and key, in the form of a uuid
 * because PostgreSQL stores that in 16 bytes. Wide enough that it stands for the text.
 */
export function identityDigest(
  tenantId: string,
  instanceId: string | undefined,
  key: string,
): string {
  const hex = hash("sha256", JSON.stringify([tenantId, instanceId ?? null, key]), "hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}
