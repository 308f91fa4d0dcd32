import type { Logger } from "../../../base/logger.ts";
import type { AppendOutcome, CommitListener, StoredEvent } from "../../contract/index.ts";

/** Tells subscribers what a commit stored, once that is on disk and its appends have been answered. */
export class CommitFeed {
  readonly #logger: Logger;
  readonly #listeners = new Set<CommitListener>();
  #events: StoredEvent[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  subscribe(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Outcomes of one append of the commit that is being answered, in commit order. */
  collect(outcomes: readonly AppendOutcome[]): void {
    if (this.#listeners.size === 0) return;
    for (const outcome of outcomes) {
      if (outcome.kind === "appended") this.#events.push(outcome.event);
    }
  }

  publish(): void {
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    for (const listener of this.#listeners) {
      try {
        listener(events);
      } catch (error) {
        // The events are stored and acknowledged; one reader's mistake must not keep them from the others.
        this.#logger.error({ err: error }, "a listener of the log threw");
      }
    }
  }
}
