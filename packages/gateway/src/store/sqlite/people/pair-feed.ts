import type { Logger } from "../../../base/logger.ts";
import type { LearntPair, PairListener } from "../../contract/index.ts";

/** Tells subscribers which pairs a commit taught, once that is on disk. */
export class PairFeed {
  readonly #logger: Logger;
  readonly #listeners = new Set<PairListener>();
  #pairs: LearntPair[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  subscribe(listener: PairListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Pairs of one append of the commit that is being answered. */
  collect(pairs: readonly LearntPair[]): void {
    if (this.#listeners.size > 0) this.#pairs.push(...pairs);
  }

  publish(): void {
    if (this.#pairs.length === 0) return;
    const pairs = this.#pairs;
    this.#pairs = [];
    for (const listener of this.#listeners) {
      try {
        listener(pairs);
      } catch (error) {
        // The pairs are stored; one reader's mistake must not keep them from the others.
        this.#logger.error({ err: error }, "a listener for people's addresses threw");
      }
    }
  }
}
