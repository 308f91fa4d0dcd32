import type { DeliveryReport } from "../../sending/attempt.ts";
import type { EvolutionEvent } from "../evolution-webhook.ts";
import type { FakeInstance } from "../state/fake-instance.ts";

/**
 * What stands between something that happens and its being heard of: a frozen queue, a process that is
 * down, deliveries that are lost.
 *
 * Owns: events that are held back, the count of those still to be lost. Must not know: what events say.
 *
 * I1 What is held comes out in the order in which it happened, before anything newer of its instance
 *    ("what a frozen instance held comes out in order").
 * I2 A lost event is in the server's own lists all the same ("lost events stay in the message list").
 */
export interface Flow {
  /** Lets an event through or holds it; held and lost events report at once. Never rejects. */
  emit(instance: FakeInstance, event: EvolutionEvent): Promise<readonly DeliveryReport[]>;
  /** The instance's queue stands still while its state says what it said. */
  freeze(instance: FakeInstance): void;
  /** Lets out what was held. Returns what became of it. */
  thaw(instance: FakeInstance): Promise<readonly DeliveryReport[]>;
  isFrozen(instance: FakeInstance): boolean;
  /** The next `count` events, of one instance or of any, reach neither webhook nor socket. */
  lose(count: number, instance?: FakeInstance): void;
  /** The process is down: WhatsApp keeps what happens. Frozen queues end with it, and what they held stays. */
  halt(): void;
  /** Resolves when nothing that was let through is still on its way. */
  idle(): Promise<void>;
  /** It is back: what happened is stored, and `sent` or silently `kept`. */
  resume(missed: "sent" | "kept"): Promise<readonly DeliveryReport[]>;
}

export interface FlowOptions {
  /** Writes an event into the server's lists. */
  readonly store: (instance: FakeInstance, event: EvolutionEvent) => void;
  /** Tells webhooks and sockets. Never rejects. */
  readonly send: (
    instance: FakeInstance,
    event: EvolutionEvent,
  ) => Promise<readonly DeliveryReport[]>;
}

/** So many events are held per server; a scenario that needs more has lost sight of something. */
const mostHeld = 100_000;

interface Held {
  readonly instance: FakeInstance;
  readonly event: EvolutionEvent;
}

export function createFlow({ store, send }: FlowOptions): Flow {
  const frozen = new Set<FakeInstance>();
  let held: Held[] = [];
  let down = false;
  let losingAny = 0;
  const losing = new Map<FakeInstance, number>();
  const underWay = new Set<Promise<readonly DeliveryReport[]>>();

  function isLost(instance: FakeInstance): boolean {
    const own = losing.get(instance) ?? 0;
    if (own > 0) losing.set(instance, own - 1);
    else if (losingAny > 0) losingAny -= 1;
    else return false;
    return true;
  }

  async function pass({ instance, event }: Held): Promise<readonly DeliveryReport[]> {
    store(instance, event);
    if (!isLost(instance)) {
      const sent = send(instance, event);
      underWay.add(sent);
      return sent.finally(() => underWay.delete(sent));
    }
    const url = instance.webhook?.url ?? "";
    return [{ url, event: event.event, attempts: [], result: "lost" }];
  }

  function take(wanted: (entry: Held) => boolean): readonly Held[] {
    const out = held.filter(wanted);
    held = held.filter((entry) => !wanted(entry));
    return out;
  }

  const passAll = async (entries: readonly Held[]): Promise<readonly DeliveryReport[]> =>
    (await Promise.all(entries.map(pass))).flat();

  return {
    emit(instance, event) {
      if (!down && !frozen.has(instance)) return pass({ instance, event });
      if (held.length >= mostHeld) throw new RangeError(`more than ${mostHeld} events are held`);
      held.push({ instance, event });
      return Promise.resolve([]);
    },
    freeze: (instance) => void frozen.add(instance),
    isFrozen: (instance) => frozen.has(instance),
    thaw(instance) {
      frozen.delete(instance);
      return down ? Promise.resolve([]) : passAll(take((entry) => entry.instance === instance));
    },
    lose(count, instance) {
      if (instance) losing.set(instance, (losing.get(instance) ?? 0) + count);
      else losingAny += count;
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    halt() {
      down = true;
      frozen.clear();
    },
    async resume(missed) {
      down = false;
      const entries = take(() => true);
      if (missed === "sent") return passAll(entries);
      for (const { instance, event } of entries) store(instance, event);
      return [];
    },
  };
}
