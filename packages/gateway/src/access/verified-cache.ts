import type { Principal } from "./principal.ts";

/** Cached answers; the oldest goes when a new one does not fit. */
const maxEntries = 1_000;

/** How long an answer is believed, in milliseconds: the longest that a revoked key still works on another node. */
const freshForMs = 5_000;

interface Entry {
  readonly principal: Principal;
  /** Monotonic milliseconds. */
  readonly verifiedAt: number;
}

/**
 * Remembers for a moment what a credential turned out to be, by its hash (the credential itself is not
 * kept in memory). Refusals are not remembered: a tenant that was just created works at once.
 */
export class VerifiedCache {
  readonly #entries = new Map<string, Entry>();
  readonly #monotonic: () => number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  get(hash: string): Principal | undefined {
    const entry = this.#entries.get(hash);
    if (!entry) return undefined;
    if (this.#monotonic() - entry.verifiedAt < freshForMs) return entry.principal;
    this.#entries.delete(hash);
    return undefined;
  }

  set(hash: string, principal: Principal): void {
    this.#entries.delete(hash);
    if (this.#entries.size >= maxEntries) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(hash, { principal, verifiedAt: this.#monotonic() });
  }

  clear(): void {
    this.#entries.clear();
  }
}
