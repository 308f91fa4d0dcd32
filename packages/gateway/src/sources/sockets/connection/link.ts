import type { Ending } from "./ending.ts";

/** One event as it came over a provider's socket, in the form of the provider's webhook. */
export interface SocketFrame {
  /** The provider's own name of the number, NFC. */
  readonly instanceName: string;
  /** The body that the webhook would have had, UTF-8 JSON; made when it is asked for. */
  readonly body: () => Uint8Array;
}

/** What a link tells. Nothing is told after `ended`, nor after `close`. */
export interface LinkEvents {
  /** The connection is made and the key is taken. */
  opened(): void;
  frame(frame: SocketFrame): void;
  /** Something came that is no event of a known number's form. */
  unreadable(): void;
  /** It carries more numbers than before; see `covers`. */
  covered(): void;
  /** Events of this number may have been missed before now: its own channel was missing since `since`. */
  missed(instanceName: string, since: number): void;
  /** The number's own channel is not there; perhaps nobody switched it on. */
  missing(instanceName: string): void;
  ended(ending: Ending): void;
}

/** One connection, made or being made. Only listens: it never sends an event to the server. */
export interface Link {
  /** Whose events are wanted: the provider's own names, letter by letter. */
  follow(instanceNames: readonly string[]): void;
  /** Whether events of this number come over the connection as it is now. */
  covers(instanceName: string): boolean;
  /** Idempotent; tells nothing any more. */
  close(): void;
}

export type OpenLink = (events: LinkEvents) => Link;

/** Where a server's socket is and what opens it. */
export interface SocketTarget {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly allowPrivate: boolean;
}
