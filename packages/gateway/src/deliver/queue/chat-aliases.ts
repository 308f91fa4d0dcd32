import type { LearntPair, NewDelivery, People, TenantScope } from "../../store/contract/index.ts";
import { chatKey, lidOfKey } from "../endpoint-policy.ts";
import type { EndpointQueue } from "./endpoint-queue.ts";

/**
 * Keeps a chat one line of deliveries when its address goes from phone to LID or back: tells a queue which
 * ordering keys mean the same chat. Stored keys stay as they were planned; what they mean is asked again
 * whenever deliveries enter the queue, and told when a pair is learnt.
 */
export class ChatAliases {
  readonly #people: People;
  readonly #scope: TenantScope;
  readonly #queue: EndpointQueue;
  readonly #now: () => number;

  constructor(people: People, scope: TenantScope, queue: EndpointQueue, now: () => number) {
    this.#people = people;
    this.#scope = scope;
    this.#queue = queue;
    this.#now = now;
  }

  /** News of the tenant. */
  learn({ instanceId, lid, phone }: LearntPair): void {
    this.#queue.alias(chatKey(instanceId, lid), chatKey(instanceId, phone), this.#now());
  }

  /**
   * Finds out what the keys of deliveries mean that are about to enter the queue, and must enter it as
   * soon as this resolves. Undefined when there is nothing to find out, as for chats by phone.
   */
  lookUp(deliveries: readonly NewDelivery[]): Promise<void> | undefined {
    const byInstance = new Map<string, Set<string>>();
    for (const { orderingKey } of deliveries) {
      const person = orderingKey === undefined ? undefined : lidOfKey(orderingKey);
      if (person === undefined || this.#queue.hasAlias(orderingKey ?? "")) continue;
      const lids = byInstance.get(person.instanceId) ?? new Set();
      byInstance.set(person.instanceId, lids.add(person.lid));
    }
    return byInstance.size === 0 ? undefined : this.#ask(byInstance);
  }

  async #ask(byInstance: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    for (const [instanceId, lids] of byInstance) {
      const phones = await this.#people.phonesOf(this.#scope, instanceId, [...lids]);
      for (const [lid, phone] of phones) {
        const key = chatKey(instanceId, lid);
        // What was learnt meanwhile is newer than this answer.
        if (!this.#queue.hasAlias(key))
          this.#queue.alias(key, chatKey(instanceId, phone), this.#now());
      }
    }
  }
}
