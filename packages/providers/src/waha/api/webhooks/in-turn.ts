/** Runs what concerns one name one after the other, and what concerns different names side by side. */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` after everything that was handed in for `name` before; settles as `work` does. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const result = before.then(work, work);
    // Whoever waits in line does not care how the one before ended.
    const settled = result.catch(() => undefined);
    this.#last.set(name, settled);
    try {
      return await result;
    } finally {
      if (this.#last.get(name) === settled) this.#last.delete(name);
    }
  }
}
