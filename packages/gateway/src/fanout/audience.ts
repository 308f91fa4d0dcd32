import type { EventInstance } from "@recado/protocol";
import type { Packets } from "./wire/packets.ts";

/** A connection that reads a tenant's events. */
export interface Reader {
  /** True: every event of the tenant is for it, without asking {@link reads}. */
  readonly readsEverything: boolean;
  /** Whether an event of this instance (undefined: the tenant's own) is for it. */
  reads(instance: EventInstance | undefined): boolean;
  send(packets: Packets): void;
}

/**
 * Who reads which tenant. A connection is in at most one tenant's audience, and in it once: so an event
 * reaches it once, and no name that a client can send ever selects an audience.
 */
export class Audience {
  readonly #readers = new Map<string, Set<Reader>>();
  readonly #tenantOf = new Map<Reader, string>();

  get size(): number {
    return this.#tenantOf.size;
  }

  join(reader: Reader, tenantId: string): void {
    if (this.#tenantOf.get(reader) === tenantId) return;
    this.leave(reader);
    this.#tenantOf.set(reader, tenantId);
    const readers = this.#readers.get(tenantId) ?? new Set();
    this.#readers.set(tenantId, readers.add(reader));
  }

  leave(reader: Reader): void {
    const tenantId = this.#tenantOf.get(reader);
    if (tenantId === undefined) return;
    this.#tenantOf.delete(reader);
    const readers = this.#readers.get(tenantId);
    readers?.delete(reader);
    if (readers?.size === 0) this.#readers.delete(tenantId);
  }

  of(tenantId: string): ReadonlySet<Reader> | undefined {
    return this.#readers.get(tenantId);
  }
}
