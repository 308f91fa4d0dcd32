import type { DuplicateCause, NewIdentity } from "../../contract/index.ts";

/** The stored event that has an identity. */
export interface KnownIdentity {
  readonly id: string;
  readonly expires_at: number | null;
  readonly content_missing: number;
  /** See {@link bodyHashPrefix}. */
  readonly body_hash: string;
  readonly source: string;
}

export type IdentityVerdict =
  | { readonly kind: "expired" }
  | { readonly kind: "completes" }
  | { readonly kind: "duplicate"; readonly cause: DuplicateCause };

/** 64 bits: enough to tell the same bytes from other bytes of the same occurrence. */
export function bodyHashPrefix(bodyHash: string): string {
  return bodyHash.slice(0, 16);
}

/**
 * True when a repeat comes after the window of what is known. Also when it comes more than a window before
 * what it repeats: then the clock was set back while the process was down, and waiting until it has caught
 * up would swallow what is new for as long.
 */
function isOver(expiresAt: number, identity: NewIdentity, seenAt: number): boolean {
  const windowMs = Math.max(0, (identity.expiresAt ?? expiresAt) - seenAt);
  return seenAt > expiresAt || expiresAt - seenAt > 2 * windowMs;
}

/** What a second event with a known identity is. `at`: when it was received, Unix milliseconds. */
export function judgeIdentity(
  known: KnownIdentity,
  identity: NewIdentity,
  at: number,
): IdentityVerdict {
  if (known.expires_at !== null && isOver(known.expires_at, identity, identity.seenAt ?? at))
    return { kind: "expired" };
  if (known.content_missing === 1 && !identity.contentMissing) return { kind: "completes" };
  if (known.body_hash === bodyHashPrefix(identity.bodyHash))
    return { kind: "duplicate", cause: "retry" };
  return { kind: "duplicate", cause: known.source === identity.source ? "redelivered" : "overlap" };
}
