import type { Logger } from "../../../../base/logger.ts";

export interface ViewFollowOptions {
  /** Asks the reader thread to follow for a moment; true when there is more to do. */
  readonly step: () => Promise<boolean>;
  readonly logger: Logger;
}

/** From a commit to the step that follows it: the commits of this time are followed together. */
const restMs = 100;

/**
 * Keeps the views near the head of the log, once somebody has asked for them: until then they cost nothing.
 * Steps are short and one at a time, so that questions come in between.
 */
export class ViewFollow {
  readonly #options: ViewFollowOptions;
  #timer: NodeJS.Timeout | undefined;
  #isWanted = false;
  #isStepping = false;
  #isBehind = false;
  #isClosed = false;

  constructor(options: ViewFollowOptions) {
    this.#options = options;
  }

  /** The views are used from now on. Idempotent. */
  begin(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.nudge();
  }

  /** There is something new in the log. Called for every commit: costs nothing while a step is due. */
  nudge(): void {
    if (!this.#isWanted || this.#isClosed) return;
    this.#isBehind = true;
    if (this.#timer || this.#isStepping) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#run();
    }, restMs);
    this.#timer.unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #run(): Promise<void> {
    this.#isStepping = true;
    this.#isBehind = false;
    try {
      let isMore = true;
      while (isMore && !this.#isClosed) isMore = await this.#options.step();
    } catch (error) {
      // What was not followed now is followed with the next commit or question.
      if (!this.#isClosed)
        this.#options.logger.warn(
          { err: error },
          "following the log for messages and chats failed",
        );
    }
    this.#isStepping = false;
    if (this.#isBehind) this.nudge();
  }
}
