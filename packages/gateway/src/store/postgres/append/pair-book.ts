import type { LearntPair, PersonPair } from "../../contract/index.ts";

/** LIDs of one phone that an identity is looked up under. */
const maxLids = 4;

/** A pair as it stands in the table. */
export interface StoredPair extends LearntPair {
  /** Unix milliseconds. */
  readonly learnedAt: number;
}

/** Pairs of addresses that a transaction has to do with: those it read, and what it learns. */
export class PairBook {
  readonly #byPlace = new Map<string, Map<string, StoredPair>>();
  readonly #learnt = new Map<string, StoredPair>();

  constructor(stored: readonly StoredPair[]) {
    for (const pair of stored) this.#of(pair.tenantId, pair.instanceId).set(pair.lid, pair);
  }

  /** New or changed since it was read, the last statement about each LID. */
  get learnt(): readonly StoredPair[] {
    return [...this.#learnt.values()];
  }

  learn(tenantId: string, instanceId: string, { lid, phone }: PersonPair, at: number): void {
    const pairs = this.#of(tenantId, instanceId);
    if (pairs.get(lid)?.phone === phone) return;
    const pair: StoredPair = { tenantId, instanceId, lid, phone, learnedAt: at };
    pairs.set(lid, pair);
    this.#learnt.set(JSON.stringify([tenantId, instanceId, lid]), pair);
  }

  /** Other addresses of the person at `address`: the phone of a LID, or the newest LIDs of a phone. */
  formsOf(tenantId: string, instanceId: string, address: string): readonly string[] {
    const pairs = this.#byPlace.get(placeOf(tenantId, instanceId));
    if (!pairs) return [];
    const own = pairs.get(address);
    if (own) return [own.phone];
    return [...pairs.values()]
      .filter((pair) => pair.phone === address)
      .toSorted((a, b) => b.learnedAt - a.learnedAt || (a.lid < b.lid ? -1 : 1))
      .slice(0, maxLids)
      .map((pair) => pair.lid);
  }

  #of(tenantId: string, instanceId: string): Map<string, StoredPair> {
    const place = placeOf(tenantId, instanceId);
    let pairs = this.#byPlace.get(place);
    if (!pairs) this.#byPlace.set(place, (pairs = new Map<string, StoredPair>()));
    return pairs;
  }
}

function placeOf(tenantId: string, instanceId: string): string {
  return JSON.stringify([tenantId, instanceId]);
}
