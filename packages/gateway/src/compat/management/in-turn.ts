import { Refusal } from "./refusal.ts";

/** Changes of one session that may wait for each other; each takes a few calls to its provider. */
const mostWaiting = 32;

/**
 * Runs changes of one session one after the other, those of different ones side by side: two changes at
 * once would leave the one's address with the other's endpoint.
 */
export class InTurn {
  readonly #last = new Map<string, { readonly end: Promise<void>; waiting: number }>();

  /** Rejects with a {@link Refusal} (503) when too many wait already. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const waiting = (before?.waiting ?? 0) + 1;
    if (waiting > mostWaiting) {
      const sentence = "Muitas alterações desta sessão aguardam; tente novamente";
      throw new Refusal(503, "store_unavailable", sentence);
    }
    const turn = Promise.withResolvers<void>();
    const mine = { end: turn.promise, waiting };
    this.#last.set(key, mine);
    try {
      await before?.end;
      return await work();
    } finally {
      turn.resolve();
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
