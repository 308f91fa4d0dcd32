import type { EventInstance } from "@recado/protocol";
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
  /** See `FanoutOptions.present`. */
  readonly present?: (tenantId: string, text: string) => string;
}

/** An event as its readers get it. */
export interface Outgoing {
  readonly tenantId: string;
  readonly offset: number;
  readonly instance: EventInstance | undefined;
  readonly packets: Packets;
}

/**
 * Events to everybody who reads them, each encoded once and each reader written to once per batch. The
 * order of events is the order of the batch.
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

  /**
   * Writes down those that somebody reads. At once, even when they wait for a batch: texts wait at less
   * cost than all the objects that an event is made of.
   */
  prepare(events: readonly LiveEvent[]): readonly Outgoing[] {
    return events
      .filter(({ stored }) => this.#options.audience.of(stored.tenantId) !== undefined)
      .map((live) => ({
        tenantId: live.stored.tenantId,
        offset: live.stored.offset,
        instance: live.event.instance,
        packets: new Packets(this.#texts(live)),
      }));
  }

  handOver(batch: readonly Outgoing[]): void {
    for (const [tenantId, own] of Map.groupBy(batch, (one) => one.tenantId)) {
      const readers = this.#options.audience.of(tenantId);
      if (readers) this.#toTenant(own, readers);
    }
  }

  #toTenant(own: readonly Outgoing[], readers: ReadonlySet<Reader>): void {
    const joined = new Map<string, Packets>();
    for (const reader of readers) {
      const chosen = reader.readsEverything ? own : own.filter((one) => reader.reads(one.instance));
      if (chosen.length === 0) continue;
      const key = chosen === own ? "*" : chosen.map((one) => one.offset).join();
      let packets = joined.get(key);
      if (!packets) {
        packets = Packets.joined(chosen.map((one) => one.packets));
        joined.set(key, packets);
      }
      reader.send(packets);
      this.#sentMessages += packets.texts.length;
    }
  }

  /** One event that cannot be written must not keep the others from their readers. */
  #texts(live: LiveEvent): string[] {
    try {
      const { cursorOf, present } = this.#options;
      const texts = eventPackets(live, documentedEvents(live), cursorOf);
      return present ? texts.map((text) => present(live.stored.tenantId, text)) : texts;
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
