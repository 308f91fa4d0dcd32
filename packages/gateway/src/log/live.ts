import type { MessageEvent, RecadoEvent } from "@recado/protocol";
import type { StoredEvent } from "../store/contract/index.ts";

/** An event right after its commit, with what was already in memory, so that nobody parses it again. */
export interface LiveEvent {
  readonly stored: StoredEvent;
  /** The envelope, `raw` left out. */
  readonly event: RecadoEvent;
  /** Data of the documented `whatsapp:message_received`; undefined when it is not a message. Computed on demand. */
  documentedMessage(): MessageEvent | undefined;
}

/** Live events of every tenant, in commit order; after a commit is on disk, never before. */
export interface EventTail {
  /** Returns the way to stop. A listener must not throw and must not block. */
  subscribe(listener: (events: readonly LiveEvent[]) => void): () => void;
}
