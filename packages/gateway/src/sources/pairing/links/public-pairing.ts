import type { Clock } from "../../../base/clock.ts";
import type { Ids } from "../../../base/ids.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import type { PairingView, Pairings } from "../live/pairings.ts";
import type { LinkVisitors } from "./link-visitors.ts";
import { linkState, mayStillSee } from "./pairing-link.ts";
import { secretHash, type FoundLink, type PairingLinks } from "./pairing-links.ts";
import { RateBudget } from "./rate-budget.ts";

/**
 * What whoever has a link can do with it, and nothing else.
 *
 * I1 A link that is unknown, used, revoked or expired is refused alike. (`public-pairing.test.ts`)
 * I2 One visitor at a time; nobody else sees a code. (`public-pairing.test.ts`)
 * I3 A visit says nothing of the tenant, its server or its other numbers, in errors neither.
 *    (`public-pairing.test.ts`)
 */
export interface PublicPairing {
  /** Follows the pairing, starting it when nobody did; with `after` as in `Pairings.look`. */
  read(visit: Visit & { readonly after?: string | undefined }): Promise<Visited>;
  /** Asks for a code to type, for the phone with these digits. */
  code(visit: Visit & { readonly phone: string }): Promise<Visited>;
  /** Starts again. */
  renew(visit: Visit): Promise<Visited>;
}

export interface Visit {
  readonly token: string;
  /** The visitor's secret, from an answer before. */
  readonly visitor?: string | undefined;
  /** Where the request came from. */
  readonly address: string;
  readonly signal?: AbortSignal;
}

export interface Visited {
  readonly view: PairingView;
  readonly name: string;
  readonly language?: "pt" | "en";
  readonly visitor: string;
  /** Unix milliseconds. */
  readonly linkExpiresAt: number;
}

export interface PublicPairingOptions {
  readonly links: PairingLinks;
  readonly visitors: LinkVisitors;
  readonly pairings: Pick<Pairings, "connect" | "look">;
  readonly clock: Clock;
  readonly ids: Ids;
}

const tokenForm = /^[\w-]{43}$/;
const visitorForm = /^[\w-]{22}$/;

interface Guest extends FoundLink {
  readonly visitor: string;
}

class LinkPairing implements PublicPairing {
  readonly #options: PublicPairingOptions;
  /** A page asks about twice a minute; a hurried one may ask every second. */
  readonly #reads = new RateBudget(120, 60_000);
  /** Each asks the provider, and a phone rings. */
  readonly #codes = new RateBudget(5, 600_000);
  readonly #starts = new RateBudget(10, 600_000);
  /** Links that are none, by address. */
  readonly #misses = new RateBudget(30, 60_000);

  constructor(options: PublicPairingOptions) {
    this.#options = options;
  }

  async read(visit: Visit & { readonly after?: string | undefined }): Promise<Visited> {
    const guest = await this.#enter(visit);
    if (guest.link.usedAt !== undefined) return this.#farewell(guest);
    const { after, signal } = visit;
    const how = signal === undefined ? {} : { signal };
    const { pairings } = this.#options;
    const first = await pairings.look(guest.instance, how);
    if (first.state.stage === "idle" && this.#spend(this.#starts, guest)) {
      return this.#leave(guest, await this.#start(guest, first, undefined, visit));
    }
    if (after !== first.version) return this.#leave(guest, first);
    return this.#leave(guest, await pairings.look(guest.instance, { ...how, after }));
  }

  async code(visit: Visit & { readonly phone: string }): Promise<Visited> {
    const guest = await this.#enter(visit);
    if (guest.link.usedAt !== undefined) return this.#farewell(guest);
    if (!this.#spend(this.#codes, guest)) throw new RecadoError("too_many_requests");
    return this.#leave(guest, await this.#connect(guest, visit.phone, visit));
  }

  async renew(visit: Visit): Promise<Visited> {
    const guest = await this.#enter(visit);
    if (guest.link.usedAt !== undefined) return this.#farewell(guest);
    if (!this.#spend(this.#starts, guest)) throw new RecadoError("too_many_requests");
    return this.#leave(guest, await this.#connect(guest, undefined, visit));
  }

  /** Lets a visitor in, or refuses without saying why. */
  async #enter({ token, visitor, address }: Visit): Promise<Guest> {
    const { links, visitors, clock, ids } = this.#options;
    const now = clock.now();
    const hash = secretHash(token);
    // Whoever guesses is stopped before the store is asked; whoever is at a link already is not.
    if (this.#misses.isSpent(address, clock.monotonic()) && !visitors.knows(hash))
      throw new RecadoError("too_many_requests");
    const found = tokenForm.test(token) ? await links.find(hash) : undefined;
    const known = visitor !== undefined && visitorForm.test(visitor) ? visitor : undefined;
    if (found === undefined || !isOpen(found, known, now)) {
      this.#misses.take(address, clock.monotonic());
      throw new RecadoError("pairing_link_gone");
    }
    if (!this.#reads.take(hash, clock.monotonic())) throw new RecadoError("too_many_requests");
    const who = known ?? ids.token(16);
    if (!visitors.claim(hash, who, now)) throw new RecadoError("pairing_link_taken");
    return { ...found, visitor: who };
  }

  #spend(budget: RateBudget, { link }: Guest): boolean {
    return budget.take(link.hash, this.#options.clock.monotonic());
  }

  /** A failure to start is part of what is seen: the page goes on trying. */
  async #start(
    guest: Guest,
    before: PairingView,
    phone: string | undefined,
    { signal }: Visit,
  ): Promise<PairingView> {
    const how = { ...(phone === undefined ? {} : { phone }), ...(signal ? { signal } : {}) };
    try {
      return await this.#options.pairings.connect(guest.instance, how);
    } catch (error) {
      if (!(error instanceof RecadoError)) throw error;
      const now = await this.#options.pairings.look(guest.instance, { after: "" });
      return { ...before, ...now };
    }
  }

  /** The same for who asked for it: the refusal is the answer, without the provider's own words. */
  async #connect(guest: Guest, phone: string | undefined, { signal }: Visit): Promise<PairingView> {
    const how = { ...(phone === undefined ? {} : { phone }), ...(signal ? { signal } : {}) };
    try {
      return await this.#options.pairings.connect(guest.instance, how);
    } catch (error) {
      if (error instanceof RecadoError)
        throw new RecadoError(publicCode(error), [], { cause: error });
      throw error;
    }
  }

  async #leave(guest: Guest, view: PairingView): Promise<Visited> {
    const { links, visitors, clock } = this.#options;
    const { hash } = guest.link;
    // The wait may have been long: revoked meanwhile, or over.
    const now = clock.now();
    const found = await links.find(hash);
    if (found === undefined || !isOpen(found, guest.visitor, now))
      throw new RecadoError("pairing_link_gone");
    visitors.claim(hash, guest.visitor, now);
    if (view.state.stage === "connected") await links.useUp(found, secretHash(guest.visitor));
    return visited(guest, view);
  }

  /** What the visitor who connected the number still sees of a link that is used up. */
  #farewell(guest: Guest): Visited {
    const { usedAt = 0 } = guest.link;
    const state = { stage: "connected", since: usedAt, attempts: 0 } as const;
    return visited(guest, { state, version: "connected" });
  }
}

function visited({ link, instance, visitor }: Guest, view: PairingView): Visited {
  return {
    view,
    name: instance.name,
    ...(link.language === undefined ? {} : { language: link.language }),
    visitor,
    linkExpiresAt: link.expiresAt,
  };
}

function isOpen({ link }: FoundLink, visitor: string | undefined, now: number): boolean {
  if (linkState(link, now) === "active") return true;
  return visitor !== undefined && mayStillSee(link, secretHash(visitor), now);
}

/** What of a provider's failure concerns a visitor: that it was not reached, or that it will not. */
function publicCode({ code }: RecadoError): "provider_unreachable" | "provider_refused" {
  return code === "provider_refused" || code === "instance_not_at_provider"
    ? "provider_refused"
    : "provider_unreachable";
}

export function createPublicPairing(options: PublicPairingOptions): PublicPairing {
  return new LinkPairing(options);
}
