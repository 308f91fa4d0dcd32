import type { DeliveryReport } from "../../sending/attempt.ts";
import type { EvolutionEvent } from "../evolution-webhook.ts";
import type { FakeInstance } from "../state/fake-instance.ts";

/**
 * What stands between something that happens and its being heard of: a frozen queue, a process that is
 * down, deliveries that are lost.
 *
 * Owns: events that are held back, how many are still to be lost. Must not know: what events say.
 *
 * I1 What is held comes out in the order in which it happened, before anything newer of its instance
 *    ("what a frozen instance held comes out in order").
 * I2 A lost event is in the server's own lists all the same ("lost events stay in the message list").
 */
export interface Flow {
  /**
   * Lets an event through or holds it; held and lost events report at once. Never rejects, but throws a
   * RangeError when more than 100,000 events would be held.
   */
  emit(instance: FakeInstance, event: EvolutionEvent): Promise<readonly DeliveryReport[]>;
  /** The instance's queue stands still while its state says what it said. */
  freeze(instance: FakeInstance): void;
  /** Lets out what was held. Returns what became of it. */
  thaw(instance: FakeInstance): Promise<readonly DeliveryReport[]>;
  isFrozen(instance: FakeInstance): boolean;
  /** The next `count` events, of one instance or of any, do not go out by `channel`. */
  lose(count: number, instance: FakeInstance | undefined, channel: Channel): void;
  isDown(): boolean;
  /** The process is down: WhatsApp keeps what happens. Frozen queues end with it, and what they held stays. */
  halt(): void;
  /** Resolves when nothing that was let through is still on its way. */
  idle(): Promise<void>;
  /** It is back: what happened is stored, and `sent` or silently `kept`. */
  resume(missed: "sent" | "kept"): Promise<readonly DeliveryReport[]>;
}

/** Ways out of the server. */
export type Channel = "webhook" | "socket" | "both";

export interface FlowOptions {
  /** Writes an event into the server's lists. */
  readonly store: (instance: FakeInstance, event: EvolutionEvent) => void;
  /** Tells webhooks and sockets, but not by the channel that loses it. Never rejects. */
  readonly send: (
    instance: FakeInstance,
    event: EvolutionEvent,
    lost: Channel | undefined,
  ) => Promise<readonly DeliveryReport[]>;
}

/** So many events are held per server; a scenario that needs more has lost sight of something. */
const mostHeld = 100_000;

interface Held {
  readonly instance: FakeInstance;
  readonly event: EvolutionEvent;
}

interface Loss {
  readonly instance: FakeInstance | undefined;
  readonly channel: Channel;
  left: number;
}

export function createFlow({ store, send }: FlowOptions): Flow {
  const frozen = new Set<FakeInstance>();
  let held: Held[] = [];
  let down = false;
  let losses: Loss[] = [];
  const underWay = new Set<Promise<readonly DeliveryReport[]>>();

  /** The loss that befalls an event: one of its instance before one of any. */
  function lossOf(instance: FakeInstance): Channel | undefined {
    const loss =
      losses.find((entry) => entry.instance === instance) ??
      losses.find((entry) => entry.instance === undefined);
    if (!loss) return undefined;
    loss.left -= 1;
    losses = losses.filter(({ left }) => left > 0);
    return loss.channel;
  }

  function pass({ instance, event }: Held): Promise<readonly DeliveryReport[]> {
    store(instance, event);
    const sent = send(instance, event, lossOf(instance));
    underWay.add(sent);
    return sent.finally(() => underWay.delete(sent));
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
    lose(count, instance, channel) {
      if (count > 0) losses.push({ instance, channel, left: count });
    },
    isDown: () => down,
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
