import { afterEach, beforeEach } from "vitest";
import type { Directory, Store, TenantScope } from "../contract/index.ts";
import { newTenant } from "./new-records.ts";

/** As much of a store as the event log's suite needs. */
export interface EventLogStore extends Pick<Store, "log" | "close"> {
  readonly directory: Pick<Directory, "createTenant" | "deleteTenant">;
}

/** A place where one store lives, empty at first. */
export interface StorePlace<Opened extends EventLogStore = Store> {
  /** Opens what is there. */
  open(): Promise<Opened>;
  remove(): Promise<void>;
}

export type NewPlace<Opened extends EventLogStore = Store> = () => Promise<StorePlace<Opened>>;

export interface StoreInUse<Opened extends EventLogStore = Store> {
  readonly store: Opened;
  /** Closes the store and opens the same place again. */
  reopen(): Promise<Opened>;
}

/** A fresh, open store with these tenants for each test of the surrounding `describe`. */
export function useStore<Opened extends EventLogStore = Store>(
  newPlace: NewPlace<Opened>,
  tenants: readonly TenantScope[] = [],
): StoreInUse<Opened> {
  let place: StorePlace<Opened> | undefined;
  let store: Opened | undefined;
  beforeEach(async () => {
    place = await newPlace();
    store = await place.open();
    for (const { tenantId } of tenants) await store.directory.createTenant(newTenant(tenantId));
  });
  afterEach(async () => {
    await store?.close();
    await place?.remove();
  });
  function opened(): Opened {
    if (!store) throw new Error("the store is open only inside a test");
    return store;
  }
  return {
    get store() {
      return opened();
    },
    async reopen() {
      await opened().close();
      store = await place?.open();
      return opened();
    },
  };
}
