/**
 * How much a client may say: `burst` messages at once, then `perSecond`. Pure but for its own count;
 * Socket.IO itself has no limit on inbound events.
 */
export class MessageBudget {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  /** `nowMs` is monotonic. */
  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#at = nowMs;
  }

  /** False when nothing is left. */
  take(nowMs: number): boolean {
    const earned = ((nowMs - this.#at) / 1_000) * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + earned);
    this.#at = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
