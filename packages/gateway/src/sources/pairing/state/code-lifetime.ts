import type { ProviderName } from "@recado/protocol";

/**
 * How long a code can be scanned, in milliseconds, counted from when it came up. Evolution renews every
 * 45 s (2.3 asks Baileys for that). WAHA's first code lives 60 s and the later ones 20 s (its own words
 * for NOWEB; not measured on other engines).
 */
export function codeLifetimeMs(provider: ProviderName, attempt: number): number {
  if (provider === "evolution") return 45_000;
  return attempt === 1 ? 60_000 : 20_000;
}

/**
 * Codes of one pairing when nobody says how many: Evolution's default (`QRCODE_LIMIT`), and what
 * WhatsApp hands out for one connection, after which WAHA gives up.
 */
const usualCodes: Readonly<Record<ProviderName, number>> = { evolution: 30, waha: 6 };

export function usualCodesLeft(provider: ProviderName, attempt: number): number {
  return Math.max(0, usualCodes[provider] - attempt);
}
