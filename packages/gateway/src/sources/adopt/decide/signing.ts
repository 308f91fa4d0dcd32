import type { RemoteServer } from "../../control/server-control.ts";

/** Whether a provider server signs its webhooks with the secret that it is given. */
export type SigningAbility = "yes" | "no" | "unknown";

function partsOf(version: string): readonly number[] {
  return (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? "").split(".").filter(Boolean).map(Number);
}

function isAtLeast(parts: readonly number[], least: readonly number[]): boolean {
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/**
 * Evolution makes a token of `jwt_key` since 2.3; 1.x has no headers at all. WAHA's free edition stores an
 * HMAC key and ignores it before 2024.11 (recorded on 2024.10.8). A secret that we asked for and the
 * provider does not use would make us refuse everything it sends. Pure.
 */
export function signingAbility(server: RemoteServer): SigningAbility {
  const parts = partsOf(server.version ?? "");
  if (parts.length < 2) return "unknown";
  if (server.provider === "evolution") return isAtLeast(parts, [2, 3]) ? "yes" : "no";
  if (isAtLeast(parts, [2024, 11])) return "yes";
  return /plus/i.test(server.flavour ?? "") ? "unknown" : "no";
}
