import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../../../base/clock.ts";
import { createLogger } from "../../../../base/logger.ts";
import type { NewEvent, Store, TenantScope } from "../../../contract/index.ts";
import { newTenant } from "../../../testing/new-records.ts";
import { openSqliteStore } from "../../index.ts";
import { StoredRows } from "../../packing/stored-rows.ts";
import { ViewsReader } from "../views-reader.ts";

/** A store, and views over its file that the test steps itself, without a thread. */
export interface ViewsStage {
  readonly store: Store;
  readonly directory: string;
  /** Events appended so far, of all tenants: their last position. */
  readonly position: number;
  append(scope: TenantScope, events: readonly NewEvent[]): Promise<void>;
  /** Views in a file of this name; the same name is the same file. */
  views(name: string, textSearch?: boolean): ViewsReader;
  path(name: string): string;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export async function openViewsStage(tenants: readonly TenantScope[]): Promise<ViewsStage> {
  const directory = await mkdtemp(join(tmpdir(), "recado-views-"));
  const open = (): Promise<Store> =>
    openSqliteStore({
      directory,
      clock: systemClock,
      logger: createLogger("silent"),
      newEpoch: () => "epoch1",
    });
  let store = await open();
  for (const { tenantId } of tenants) await store.directory.createTenant(newTenant(tenantId));
  const main = new DatabaseSync(join(directory, "recado.db"), { readOnly: true });
  const opened: ViewsReader[] = [];
  let position = 0;
  const path = (name: string): string => join(directory, `${name}.db`);
  return {
    get store() {
      return store;
    },
    directory,
    get position() {
      return position;
    },
    async append(scope, events) {
      const outcomes = await store.log.append(scope, { events });
      position += outcomes.filter(({ kind }) => kind === "appended").length;
    },
    views(name, textSearch = false) {
      const views = new ViewsReader({
        main,
        rows: new StoredRows(main),
        path: path(name),
        textSearch,
      });
      opened.push(views);
      return views;
    },
    path,
    async reopen() {
      await store.close();
      store = await open();
    },
    async close() {
      for (const views of opened) views.close();
      main.close();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Follows until there is nothing more to do. */
export function followAll(views: ViewsReader, position: number): void {
  while (views.follow(position));
}
