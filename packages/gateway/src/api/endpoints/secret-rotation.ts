import type { Endpoint } from "../../store/contract/index.ts";

type Secrets = Endpoint["secrets"];

/** Older secrets that may still sign beside the current one. */
export const maxOlderSecrets = 10;

/**
 * The secrets after a rotation: the new one in front, the one before it until its grace ends, older
 * ones until theirs. Pure. Undefined when too many older ones are still valid; times are Unix
 * milliseconds.
 */
export function rotatedSecrets(
  secrets: Secrets,
  value: string,
  graceMs: number,
  now: number,
): Secrets | undefined {
  const [current, ...older] = secrets;
  const alive = older.filter((secret) => secret.expiresAt !== undefined && secret.expiresAt > now);
  const leaving =
    current && graceMs > 0 ? [{ value: current.value, expiresAt: now + graceMs }] : [];
  const rotated = [{ value }, ...leaving, ...alive];
  return rotated.length > maxOlderSecrets + 1 ? undefined : rotated;
}
