import type { Logger } from "../base/logger.ts";
import type { LiveEvent } from "../log/live.ts";
import type { Audience, Reader } from "./audience.ts";
import { documentedEvents } from "./wire/documented-events.ts";
import { eventPackets, type CursorOf } from "./wire/frame.ts";
import { Packets } from "./wire/packets.ts";

export interface DistributorOptions {
  readonly audience: Audience;
  readonly cursorOf: CursorOf;
  readonly logger: Logger;
}

/**
 * One batch of events to everybody who reads them, each event encoded once and each reader written to
 * once. The order of events is the order of the batch.
 */
export class Distributor {
  readonly #options: DistributorOptions;
  #sentMessages = 0;

  constructor(options: DistributorOptions) {
    this.#options = options;
  }

  get sentMessages(): number {
    return this.#sentMessages;
  }

  handOver(events: readonly LiveEvent[]): void {
    for (const [tenantId, own] of Map.groupBy(events, (event) => event.stored.tenantId)) {
      const readers = this.#options.audience.of(tenantId);
      if (readers) this.#toTenant(own, readers);
    }
  }

  #toTenant(events: readonly LiveEvent[], readers: ReadonlySet<Reader>): void {
    const encoded = new Map<LiveEvent, Packets>();
    const batches = new Map<string, Packets>();
    for (const reader of readers) {
      const chosen = reader.readsEverything
        ? events
        : events.filter((live) => reader.reads(live.event.instance));
      if (chosen.length === 0) continue;
      const key = chosen === events ? "*" : chosen.map((live) => live.stored.offset).join();
      let batch = batches.get(key);
      if (!batch) {
        batch = Packets.joined(chosen.map((live) => this.#encoded(live, encoded)));
        batches.set(key, batch);
      }
      reader.send(batch);
      this.#sentMessages += batch.texts.length;
    }
  }

  #encoded(live: LiveEvent, done: Map<LiveEvent, Packets>): Packets {
    let packets = done.get(live);
    if (!packets) {
      packets = new Packets(this.#texts(live));
      done.set(live, packets);
    }
    return packets;
  }

  /** One event that cannot be written must not keep the others from their readers. */
  #texts(live: LiveEvent): string[] {
    try {
      return eventPackets(live, documentedEvents(live), this.#options.cursorOf);
    } catch (error) {
      const { tenantId, offset, id, type } = live.stored;
      this.#options.logger.error(
        { err: error, tenantId, offset, eventId: id, type },
        "an event could not be written as socket messages",
      );
      return [];
    }
  }
}
