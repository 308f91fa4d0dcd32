/** How long a link is kept for a visitor who says nothing, milliseconds: longer than the longest answer. */
const leaseMs = 60_000;
const mostLinks = 5_000;

interface Lease {
  readonly visitor: string;
  readonly until: number;
}

/**
 * Who has a link open. In memory: after a restart whoever comes first has it.
 *
 * A visitor proves to be the same by a secret of its own, so that a link that was passed on shows nothing
 * while its owner is at it.
 */
export class LinkVisitors {
  readonly #leases = new Map<string, Lease>();

  /** Gives the link to `visitor` or leaves it with them; false while another has it. */
  claim(link: string, visitor: string, now: number): boolean {
    const lease = this.#leases.get(link);
    if (lease !== undefined && now < lease.until && lease.visitor !== visitor) return false;
    this.#leases.delete(link);
    this.#leases.set(link, { visitor, until: now + leaseMs });
    if (this.#leases.size > mostLinks) {
      const [oldest] = this.#leases.keys();
      if (oldest !== undefined) this.#leases.delete(oldest);
    }
    return true;
  }

  /** Who had it last; a phone that pairs often sleeps over it. */
  lastOf(link: string): string | undefined {
    return this.#leases.get(link)?.visitor;
  }

  /** Whether somebody had it open not long ago. */
  knows(link: string): boolean {
    return this.#leases.has(link);
  }
}
