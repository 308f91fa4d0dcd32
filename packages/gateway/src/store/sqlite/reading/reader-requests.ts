import type { ChatSummary, Message } from "@recado/protocol";
import type {
  ChatFilter,
  EventFilter,
  StoredEvent,
  MessageFilter,
  ViewPage,
} from "../../contract/index.ts";
import type { NewBlock } from "../cold/block-maker.ts";

/**
 * What the reader thread is asked, by name. Arguments and answers cross the threads: plain data only.
 */
export interface ReaderRequests {
  /** Events by a filter; see `EventLog.query`. */
  query: {
    readonly ask: { readonly tenantId: string; readonly filter: EventFilter };
    readonly answer: readonly StoredEvent[];
  };
  /** Old events, compressed; see `BlockMaker`. */
  coldBlock: {
    readonly ask: { readonly before: number; readonly fromTenant: number };
    readonly answer: NewBlock | undefined;
  };
  /** See `Views.messages`. */
  messages: {
    readonly ask: { readonly tenantId: string; readonly filter: MessageFilter };
    readonly answer: ViewPage<Message>;
  };
  /** See `Views.chats`. */
  chats: {
    readonly ask: { readonly tenantId: string; readonly filter: ChatFilter };
    readonly answer: ViewPage<ChatSummary>;
  };
  /** The views follow the log for a moment; true when there is more to do. */
  followViews: { readonly ask: Readonly<Record<string, never>>; readonly answer: boolean };
}

export type ReaderRequest = keyof ReaderRequests;
export type Ask<R extends ReaderRequest> = ReaderRequests[R]["ask"];
export type Answer<R extends ReaderRequest> = ReaderRequests[R]["answer"];

/** How far a request may look: rows above this position may not be on disk yet. */
export interface Durable {
  readonly position: number;
}

export type ReaderHandlers = {
  readonly [R in ReaderRequest]: (ask: Ask<R>, durable: Durable) => Answer<R>;
};

/** From the store to its reader thread. */
export interface ReaderCall {
  readonly id: number;
  readonly request: ReaderRequest;
  readonly ask: Ask<ReaderRequest>;
  readonly durable: Durable;
}

/** Why a question has no answer. Without paths: it may be shown to whoever asked. */
export interface ReaderFailure {
  readonly message: string;
  readonly isDamage: boolean;
  /** A file could not be opened, read or written for now: the disk is full, for example. */
  readonly isUnavailable: boolean;
}

/** Back again: one for each call. */
export type ReaderReply =
  | { readonly id: number; readonly ok: true; readonly answer: Answer<ReaderRequest> }
  | ({ readonly id: number; readonly ok: false } & ReaderFailure);

/** What the thread is started with. */
export interface ReaderPlace {
  /** Path of the main database's file. */
  readonly database: string;
  /** Of the views that are derived from it. */
  readonly views: { readonly path: string; readonly textSearch: boolean };
}
