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

/** What a second event with a known identity is. `at`: when it was received, Unix milliseconds. */
export function judgeIdentity(
  known: KnownIdentity,
  identity: NewIdentity,
  at: number,
): IdentityVerdict {
  if (known.expires_at !== null && at > known.expires_at) return { kind: "expired" };
  if (known.content_missing === 1 && !identity.contentMissing) return { kind: "completes" };
  if (known.body_hash === bodyHashPrefix(identity.bodyHash))
    return { kind: "duplicate", cause: "retry" };
  return { kind: "duplicate", cause: known.source === identity.source ? "redelivered" : "overlap" };
}
