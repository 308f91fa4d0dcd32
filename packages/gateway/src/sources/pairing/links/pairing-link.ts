import type { RecordValue } from "../../../store/contract/index.ts";

/** A link with which a number's owner connects it, as it is stored under its token's hash. */
export interface PairingLink {
  /** SHA-256 of the token, lower-case hex: it opens nothing. */
  readonly hash: string;
  readonly instanceId: string;
  readonly language?: "pt" | "en";
  /** Unix milliseconds, as all times here. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt?: number;
  /** SHA-256 of the secret of the visitor who connected the number. */
  readonly usedBy?: string;
}

/** Reads a stored link; undefined when it is none. Pure. */
export function readLink(hash: string, value: RecordValue): PairingLink | undefined {
  const { instanceId, language, createdAt, expiresAt, usedAt, usedBy } = value;
  if (typeof instanceId !== "string" || typeof expiresAt !== "number") return undefined;
  return {
    hash,
    instanceId,
    ...(language === "pt" || language === "en" ? { language } : {}),
    createdAt: typeof createdAt === "number" ? createdAt : expiresAt,
    expiresAt,
    ...(typeof usedAt === "number" ? { usedAt } : {}),
    ...(typeof usedBy === "string" ? { usedBy } : {}),
  };
}

export function linkValue({ hash: _hash, ...rest }: PairingLink): RecordValue {
  return rest;
}

export type PairingLinkState = "active" | "used" | "expired";

export function linkState(link: PairingLink, now: number): PairingLinkState {
  if (link.usedAt !== undefined) return "used";
  return now < link.expiresAt ? "active" : "expired";
}

/** Whoever connected the number may see so for a while: the answer that said it may have been lost. */
const afterglowMs = 600_000;

/** Whether `visitorHash` connected the number with it, not long ago. */
export function mayStillSee(link: PairingLink, visitorHash: string, now: number): boolean {
  return (
    link.usedAt !== undefined && link.usedBy === visitorHash && now < link.usedAt + afterglowMs
  );
}

/** How long a link that ended stays in the list, milliseconds. */
const keptMs = 86_400_000;

export function isForgotten(link: PairingLink, now: number): boolean {
  return now > (link.usedAt ?? link.expiresAt) + keptMs;
}
