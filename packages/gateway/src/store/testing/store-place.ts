import { afterEach, beforeEach } from "vitest";
import type { Store, TenantScope } from "../contract/index.ts";
import { newTenant } from "./new-records.ts";

/** A place where one store lives, empty at first. */
export interface StorePlace {
  /** Opens what is there. */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export type NewPlace = () => Promise<StorePlace>;

export interface StoreInUse {
  readonly store: Store;
  /** Closes the store and opens the same place again. */
  reopen(): Promise<Store>;
}

/** A fresh, open store with these tenants for each test of the surrounding `describe`. */
export function useStore(newPlace: NewPlace, tenants: readonly TenantScope[] = []): StoreInUse {
  let place: StorePlace | undefined;
  let store: Store | undefined;
  beforeEach(async () => {
    place = await newPlace();
    store = await place.open();
    for (const { tenantId } of tenants) await store.directory.createTenant(newTenant(tenantId));
  });
  afterEach(async () => {
    await store?.close();
    await place?.remove();
  });
  function opened(): Store {
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
