import { Refusal } from "./refusal.ts";

/** Changes of one session that may wait for each other; each takes a few calls to its provider. */
const mostWaiting = 32;

/**
 * Runs changes of one session one after the other, those of different ones side by side: two changes at
 * once would leave the one's address with the other's endpoint.
 */
export class InTurn {
  readonly #lines = new Map<string, { end: Promise<void>; length: number }>();

  /** Rejects with a {@link Refusal} (503) when too many wait already. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(key) ?? { end: Promise.resolve(), length: 0 };
    if (line.length > mostWaiting) {
      const sentence = "Muitas alterações desta sessão aguardam; tente novamente";
      throw new Refusal(503, "store_unavailable", sentence);
    }
    this.#lines.set(key, line);
    const before = line.end;
    const turn = Promise.withResolvers<void>();
    line.end = turn.promise;
    line.length++;
    try {
      await before;
      return await work();
    } finally {
      turn.resolve();
      line.length--;
      if (line.length === 0) this.#lines.delete(key);
    }
  }
}
