import type { DeliveryStore } from "./deliveries.ts";
import type { Directory } from "./directory.ts";
import type { EventLog } from "./event-log.ts";
import type { People } from "./people.ts";
import type { Records } from "./records.ts";
import type { StoreHealth } from "./store-health.ts";
import type { Views } from "./views.ts";

/** One store: six small contracts over the same durable place. */
export interface Store {
  readonly log: EventLog;
  readonly people: People;
  readonly deliveries: DeliveryStore;
  readonly directory: Directory;
  readonly records: Records;
  readonly views: Views;
  /**
   * Resolves with the error after which nothing can be stored any more (a failed fsync, damage): the process
   * must stop acknowledging and end. Never resolves while the store is well.
   */
  readonly failed: Promise<Error>;
  /** Whether it can write now, and the space that is left. Costs nothing. */
  health(): StoreHealth;
  /** Finishes what is in flight and lets go of every file. Idempotent. */
  close(): Promise<void>;
}
