import type { Delivery } from "../../store/contract/index.ts";

/**
 * Deliveries of one ordering key, or of several that turned out to mean one chat, in event order; only the
 * first may be under way. When two lanes become one while each has something under way, both finish.
 */
interface Lane {
  readonly keys: string[];
  waiting: Delivery[];
  underWay: number;
  state: "ready" | "asleep" | "busy" | "new";
}

/** Aliases that are remembered: more than a page and all that is pending in memory need at once. */
const maxAliases = 4_096;

function merged(one: readonly Delivery[], other: readonly Delivery[]): Delivery[] {
  return [...one, ...other].toSorted((left, right) => left.eventOffset - right.eventOffset);
}

function before(left: Delivery, right: Delivery): boolean {
  return left.eventOffset < right.eventOffset;
}

function insertInOrder(list: Delivery[], delivery: Delivery): void {
  let at = list.length;
  for (let previous = list[at - 1]; previous && before(delivery, previous); previous = list[at - 1])
    at -= 1;
  list.splice(at, 0, delivery);
}

function laneKey(orderingKey: string): string {
  return `key ${orderingKey}`;
}

/**
 * What one endpoint has to send and what may go next. No I/O, no clock: callers say what time it is.
 *
 * I1 Of one ordering key at most one delivery is under way, and it is the earliest in event order. That
 *    holds across keys which mean one chat, from the moment that they are known to.
 * I2 A delivery that waits for its next attempt holds later ones of its key and no others.
 * I3 A delivery that is under way is never handed out again before it is settled.
 * Proven by `endpoint-queue.test.ts`.
 */
export class EndpointQueue {
  /** By each of its keys. */
  readonly #lanes = new Map<string, Lane>();
  /** Ordering keys that mean the chat of another key. */
  readonly #aliases = new Map<string, string>();
  readonly #ready: Lane[] = [];
  readonly #asleep = new Set<Lane>();
  /** Lane of each delivery that waits or is under way. */
  readonly #laneOf = new Map<string, Lane>();
  readonly #underWay = new Map<string, Delivery>();
  readonly #watches = new Set<Set<string>>();
  #earliest = Infinity;

  /** Deliveries known here: waiting and under way. */
  get size(): number {
    return this.#laneOf.size;
  }

  get inFlight(): number {
    return this.#underWay.size;
  }

  /**
   * Adds what `read` finds in the store. What was settled while it read is left out: the store's answer
   * is older than what is known here, and taking it up would send a delivery twice.
   */
  async addFrom(read: () => Promise<readonly Delivery[]>, now: () => number): Promise<number> {
    const settled = new Set<string>();
    this.#watches.add(settled);
    try {
      const found = await read();
      this.add(
        found.filter(({ id }) => !settled.has(id)),
        now(),
      );
      return found.length;
    } finally {
      this.#watches.delete(settled);
    }
  }

  /** Adds deliveries; a known one that waits takes over the new due time, one under way is left alone. */
  add(deliveries: readonly Delivery[], now: number): void {
    for (const delivery of deliveries) {
      if (this.#underWay.has(delivery.id)) continue;
      const known = this.#laneOf.get(delivery.id);
      const lane = known ?? this.#laneFor(delivery, now);
      if (known)
        lane.waiting.splice(
          lane.waiting.findIndex(({ id }) => id === delivery.id),
          1,
        );
      insertInOrder(lane.waiting, delivery);
      this.#laneOf.set(delivery.id, lane);
      this.#place(lane, now);
    }
  }

  /** True when it is known which other key `orderingKey` means. */
  hasAlias(orderingKey: string): boolean {
    return this.#aliases.has(orderingKey);
  }

  /**
   * From now on `orderingKey` means the chat of `alias`: what waits under one of them and under the other
   * stands in one line, in event order.
   */
  alias(orderingKey: string, alias: string, now: number): void {
    this.#aliases.delete(orderingKey);
    this.#aliases.set(orderingKey, alias);
    if (this.#aliases.size > maxAliases) {
      const [oldest = ""] = this.#aliases.keys();
      this.#aliases.delete(oldest);
    }
    const lane = this.#lanes.get(laneKey(orderingKey));
    if (lane) this.#join(lane, laneKey(alias), now);
  }

  /** The next delivery that may go out at `now`; it is under way until it is settled. */
  take(now: number): Delivery | undefined {
    if (this.#earliest <= now) this.#awake(now);
    for (let lane = this.#ready.shift(); lane; lane = this.#ready.shift()) {
      // A lane that was placed anew since is found again where it stands now.
      if (lane.state !== "ready") continue;
      const [head] = lane.waiting;
      if (head && head.dueAt <= now) {
        lane.waiting.shift();
        lane.state = "busy";
        lane.underWay += 1;
        this.#underWay.set(head.id, head);
        return head;
      }
      lane.state = "new";
      this.#place(lane, now);
    }
    return undefined;
  }

  /** Ends what `take` began: for good, or until the attempt that `again` describes. */
  settle(deliveryId: string, again: Delivery | undefined, now: number): void {
    const lane = this.#laneOf.get(deliveryId);
    if (!lane || !this.#underWay.delete(deliveryId))
      throw new Error("only what is under way can be settled");
    for (const watch of this.#watches) watch.add(deliveryId);
    lane.underWay -= 1;
    if (again) insertInOrder(lane.waiting, again);
    else this.#laneOf.delete(deliveryId);
    lane.state = lane.underWay > 0 ? "busy" : "new";
    this.#place(lane, now);
  }

  /** Forgets everything that waits; what is under way stays until it is settled. */
  clear(): void {
    for (const lane of new Set(this.#lanes.values())) {
      for (const { id } of lane.waiting) this.#laneOf.delete(id);
      lane.waiting.length = 0;
      if (lane.state !== "busy") this.#drop(lane);
    }
    this.#ready.length = 0;
    this.#asleep.clear();
    this.#earliest = Infinity;
  }

  /** When something that waits becomes due: at once (0), later, or never (undefined). */
  nextDueAt(): number | undefined {
    if (this.#ready.some(({ state }) => state === "ready")) return 0;
    return this.#earliest === Infinity ? undefined : this.#earliest;
  }

  #laneFor(delivery: Delivery, now: number): Lane {
    const { orderingKey } = delivery;
    // Without a key nothing is held up: every delivery has a lane of its own.
    if (orderingKey === undefined) return this.#laneOfKey(`delivery ${delivery.id}`);
    const lane = this.#laneOfKey(laneKey(orderingKey));
    const alias = this.#aliases.get(orderingKey);
    return alias === undefined ? lane : this.#join(lane, laneKey(alias), now);
  }

  #laneOfKey(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = { keys: [key], waiting: [], underWay: 0, state: "new" };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Makes one lane of `lane` and the one of `key`; answers it. */
  #join(lane: Lane, key: string, now: number): Lane {
    const other = this.#lanes.get(key);
    if (other === lane) return lane;
    if (other === undefined) {
      lane.keys.push(key);
      this.#lanes.set(key, lane);
      return lane;
    }
    for (const moved of other.keys) this.#lanes.set(moved, lane);
    for (const { id } of other.waiting) this.#laneOf.set(id, lane);
    for (const id of this.#underWay.keys())
      if (this.#laneOf.get(id) === other) this.#laneOf.set(id, lane);
    lane.keys.push(...other.keys);
    lane.waiting = merged(lane.waiting, other.waiting);
    lane.underWay += other.underWay;
    // The other may still stand among those that are ready: it is passed over there.
    other.state = "new";
    this.#asleep.delete(other);
    if (lane.underWay > 0) lane.state = "busy";
    else if (lane.waiting.length > 0) this.#place(lane, now);
    return lane;
  }

  #drop(lane: Lane): void {
    for (const key of lane.keys) this.#lanes.delete(key);
  }

  /** Puts a lane that is not busy where its head belongs. */
  #place(lane: Lane, now: number): void {
    if (lane.state === "busy") return;
    const [head] = lane.waiting;
    if (!head) {
      this.#asleep.delete(lane);
      this.#drop(lane);
    } else if (head.dueAt > now) {
      lane.state = "asleep";
      this.#asleep.add(lane);
      this.#earliest = Math.min(this.#earliest, head.dueAt);
    } else if (lane.state !== "ready") {
      lane.state = "ready";
      this.#asleep.delete(lane);
      this.#ready.push(lane);
    }
  }

  #awake(now: number): void {
    this.#earliest = Infinity;
    for (const lane of this.#asleep) this.#place(lane, now);
  }
}
