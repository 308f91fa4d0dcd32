import { createHash } from "node:crypto";
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
 * Identity of a thing without one: all that its body says, inside the provider's retry window. `index`
 * tells the events of one body apart.
 *
 * @param saidHash the same for every way on which the body can come, see `factHash`
 */
export function bodyBound(saidHash: string, index: number, windowMs: number): EventIdentity {
  return { key: identityKey("body", saidHash, index), windowMs };
}

/** A short hash of a JSON value: tells two changes of one message apart. */
export function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex")
    .slice(0, 32);
}

/**
 * Identity of a code to pair with: the code. The same code comes from several events, by several ways and,
 * fetched from the provider's API, from the gateway itself. `typed`: a code to type that was asked for
 * behind the one to scan, which is one more thing to tell.
 */
export function codeIdentity(code: string, typed?: string): EventIdentity {
  return lasting("qr", hashOf(code), ...(typed === undefined ? [] : [typed]));
}

/** What tells one message from another, beside its instance. */
export interface MessageAddress {
  readonly id: string;
  readonly fromMe: boolean;
  readonly chat: string | undefined;
  /** The writer's address; counts outside direct chats, where the same id may come from two people. */
  readonly participant?: string | undefined;
}

/**
 * Identity of a message, and of what arrives as one (reaction, vote). Never the id alone: ids are made
 * by the writer's device and can meet in two chats.
 */
export function messageIdentity(kind: string, address: MessageAddress): EventIdentity {
  const { id, fromMe, chat, participant } = address;
  // Our own messages come with and without our address, by the event that reports them.
  const isTold = participant !== undefined && !fromMe;
  return lasting(
    kind,
    id,
    fromMe,
    chat === undefined ? null : { jid: chat },
    ...(isTold ? [{ jid: participant }] : []),
  );
}
