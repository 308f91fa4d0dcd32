/**
 * How often something may be done by somebody: at most `limit` times in `windowMs`, counted from the first
 * one. Holds `most` of them; the one that came first is forgotten, which only lets through what would be refused.
 */
export class RateBudget {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #most: number;
  readonly #used = new Map<string, { count: number; until: number }>();

  constructor(limit: number, windowMs: number, most = 5_000) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#most = most;
  }

  /** Uses one up; false when none was left. `now`: monotonic, milliseconds, so that setting the clock opens and shuts nothing. */
  take(key: string, now: number): boolean {
    if (this.isSpent(key, now)) return false;
    const used = this.#used.get(key);
    if (used !== undefined && now < used.until) {
      used.count += 1;
      return true;
    }
    this.#used.delete(key);
    this.#used.set(key, { count: 1, until: now + this.#windowMs });
    if (this.#used.size > this.#most) {
      const [oldest] = this.#used.keys();
      if (oldest !== undefined) this.#used.delete(oldest);
    }
    return true;
  }

  isSpent(key: string, now: number): boolean {
    const used = this.#used.get(key);
    return used !== undefined && now < used.until && used.count >= this.#limit;
  }
}
