/**
 * Token buckets: `perSecond` units a second for each key, and what two seconds bring at once. Holds `most`
 * keys; the one that came first is forgotten, which gives it a full bucket again.
 */
export class RateLimit {
  readonly #perSecond: number;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param perSecond 0: no limit */
  constructor(perSecond: number, most = 10_000) {
    this.#perSecond = perSecond;
    this.#most = most;
  }

  /** True when `key` has a unit left at `now` (monotonic milliseconds). */
  hasRoom(key: string, now: number): boolean {
    return this.#perSecond === 0 || this.#filled(key, now).units >= 1;
  }

  /** Uses a unit, or what is left of one. */
  spend(key: string, now: number): void {
    if (this.#perSecond === 0) return;
    const bucket = this.#filled(key, now);
    bucket.units = Math.max(0, bucket.units - 1);
  }

  #filled(key: string, now: number): Bucket {
    const full = this.#perSecond * burstSeconds;
    const known = this.#buckets.get(key);
    if (known !== undefined) {
      known.units = Math.min(full, known.units + ((now - known.at) * this.#perSecond) / 1_000);
      known.at = now;
      return known;
    }
    const bucket = { units: full, at: now };
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#most) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket;
  }
}

interface Bucket {
  units: number;
  /** Monotonic milliseconds of the last filling. */
  at: number;
}

const burstSeconds = 2;
