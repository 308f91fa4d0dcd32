import type { ChatSummary, Message } from "@recado/protocol";
import type { TenantScope } from "./scope.ts";

/**
 * What became of messages and chats, folded from the log. Derived: it can be thrown away and is made again
 * from the events that are kept.
 *
 * I1 An answer knows every event that was acknowledged before the question, or says that it is not `complete`.
 * I2 It holds nothing of an event below the log's floor, and nothing that is not on disk.
 * I3 The order in which a message's events arrived changes nothing but the histories of that order.
 * I4 One person is one chat once LID and phone are known together, whichever came first.
 * Proven by `store/testing/views-suite.ts` and `store/sqlite/views/*.test.ts`.
 */
export interface Views {
  /** Newest first; with `text` in the order of their storing, newest first. Rejects with `text_search_off`. */
  messages(scope: TenantScope, filter: MessageFilter): Promise<ViewPage<Message>>;
  /** Newest activity first. */
  chats(scope: TenantScope, filter: ChatFilter): Promise<ViewPage<ChatSummary>>;
}

interface ViewFilter {
  /** Only these instances; empty: nothing. */
  readonly instanceIds?: readonly string[];
  /** `next` of the page before. */
  readonly after?: string;
  /** 1–200. */
  readonly limit: number;
}

/** At least one of `chat`, `phone`, `messageId`, `text`; all given conditions must hold. */
export interface MessageFilter extends ViewFilter {
  /** A canonical address; its other addresses are included where known. */
  readonly chat?: string;
  /** Digits. */
  readonly phone?: string;
  readonly messageId?: string;
  /** Words that must all occur, in any order. */
  readonly text?: string;
  readonly fromMe?: boolean;
  /** Unix milliseconds of the message's own time, inclusive. */
  readonly since?: number;
  /** Exclusive. */
  readonly until?: number;
}

export interface ChatFilter extends ViewFilter {
  /** Only chats with unread messages. */
  readonly unread?: boolean;
}

export interface ViewPage<T> {
  readonly items: readonly T[];
  /** Where the next page begins; absent when nothing is behind this one. */
  readonly next?: string;
  /** False while older events are still being read in. */
  readonly complete: boolean;
}
