import type { EventIdentity } from "./contract.ts";

/** An address inside an identity; written so that a later reading can resolve it again. */
export interface IdentityAddress {
  readonly jid: string;
}

export type IdentityPart = string | number | boolean | null | IdentityAddress;

/** Builds the text of an identity: a kind, then what tells one occurrence from another. */
export function identityKey(kind: string, ...parts: readonly IdentityPart[]): string {
  return JSON.stringify([kind, ...parts]);
}

/** Identity of a thing that has its own: the same for as long as the event is kept. */
export function lasting(kind: string, ...parts: readonly IdentityPart[]): EventIdentity {
  return { key: identityKey(kind, ...parts) };
}

/**
 * Identity of a thing without one: its whole body, inside the provider's retry window. `index` tells
 * the events of one body apart.
 */
export function bodyBound(bodyHash: string, index: number, windowMs: number): EventIdentity {
  return { key: identityKey("body", bodyHash, index), windowMs };
}
