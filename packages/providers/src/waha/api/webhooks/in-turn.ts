/** Runs what concerns one name one after the other, and what concerns different names side by side. */
export class InTurn {
  readonly #mostWaiting: number;
  readonly #lines = new Map<string, { last: Promise<unknown>; length: number }>();

  /** `mostWaiting`: for one name, the one that runs counted. */
  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Runs `work` after everything that was handed in for `name` before, whether that failed or not; settles
   * as `work` does. Rejects with what `refuse` makes when the line is full.
   */
  async run<T>(name: string, work: () => Promise<T>, refuse: () => Error): Promise<T> {
    const line = this.#lines.get(name) ?? { last: Promise.resolve(), length: 0 };
    if (line.length >= this.#mostWaiting) throw refuse();
    const result = line.last.then(work, work);
    // Whoever waits behind does not care how this one ends; its own caller hears of it below.
    line.last = result.catch(() => undefined);
    line.length += 1;
    this.#lines.set(name, line);
    try {
      return await result;
    } finally {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(name);
    }
  }
}
