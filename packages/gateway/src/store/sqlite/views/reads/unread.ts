import type { StatementSync } from "node:sqlite";
import { mention } from "../following/mention-kinds.ts";
import { fromNewest, mergeWalks, walkBack, type Step } from "./walk.ts";

/** What is counted up to. */
export const maxUnread = 999;

/** A moment of a chat's life, with what is said to be unread then. */
export interface StatedUnread {
  /** Unix milliseconds. */
  readonly at: number;
  readonly count: number;
}

/** What of a chat decides what is unread. */
export interface UnreadFacts {
  /** When we read the chat, as far as it is said. */
  readonly readAt?: number;
  /** What the provider counted last. */
  readonly stated?: StatedUnread;
}

export interface ChatStep extends Step {
  readonly offset: number;
  readonly state: number;
  readonly kind: number;
  readonly fromMe: number | null;
}

/**
 * Incoming messages since the last of ours, whoever sent it, and since we last read the chat: by a receipt
 * of ours or where the provider counts none. Where the provider counts more (messages of before the log
 * began), that many. `messages`: newest first. Pure.
 */
export function countUnread(messages: Iterable<ChatStep>, facts: UnreadFacts): number {
  const { stated } = facts;
  const readAt = Math.max(facts.readAt ?? 0, stated?.count === 0 ? stated.at : 0);
  const unread = new Set<number>();
  let ownAt = 0;
  for (const { key, state, kind, fromMe } of messages) {
    if (fromMe === 1) ownAt = key;
    if (fromMe === 1 || key <= readAt || unread.size >= maxUnread) break;
    if (kind === mention.message) unread.add(state);
  }
  const isCurrent = stated !== undefined && stated.at >= Math.max(readAt, ownAt);
  return Math.min(maxUnread, Math.max(unread.size, isCurrent ? stated.count : 0));
}

/** The messages at some places, those below the floor left out, newest first. */
export function* messagesAt(
  statement: StatementSync,
  places: readonly number[],
  floor: number,
): Generator<ChatStep> {
  const walks = places.map((place) => walkBack<ChatStep>(statement, [place], fromNewest));
  for (const step of mergeWalks(walks)) if (step.offset >= floor) yield step;
}
