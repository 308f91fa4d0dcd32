import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Store } from "../contract/index.ts";
import { openDatabase, type OpenDatabase } from "./database.ts";
import { SqliteDeliveryStore } from "./deliveries/delivery-store.ts";
import { SqliteDirectory } from "./directory/directory.ts";
import { failedOf, watchPlace } from "./faults/store-place.ts";
import { GroupCommit, type CommitHooks, type SyncFile } from "./group-commit.ts";
import { Appender } from "./log/append.ts";
import { CommitFeed } from "./log/commit-feed.ts";
import { DuplicateCounts } from "./log/duplicate-counts.ts";
import { EventIndex } from "./log/event-index.ts";
import { SqliteEventLog } from "./log/event-log.ts";
import { Identities } from "./log/identities.ts";
import { LogTenants } from "./log/log-tenants.ts";
import { RecentEvents } from "./log/recent-events.ts";
import { PairFeed } from "./people/pair-feed.ts";
import { PairMemory } from "./people/pair-memory.ts";
import { SqlitePeople } from "./people/people.ts";
import { SqliteRecords } from "./records/record-store.ts";
import { Reader } from "./reading/reader.ts";
import { Purge } from "./retention/purge.ts";
import { damagedReason } from "./sqlite-error.ts";

import { SqliteViews, viewsPath } from "./views/views.ts";

export { StoreOpenError } from "./store-open-error.ts";
export type { SyncFile } from "./group-commit.ts";

/**
 * The embedded store: one SQLite file in a folder that belongs to this process.
 *
 * Owns: the files, the schema, every statement. Must not know: HTTP, sockets, providers.
 *
 * I1 The folder has one owner; a second process is refused (`open.test.ts`).
 * I2 Everything goes through one writer, which makes it durable before anyone hears of it
 *    (`group-commit.test.ts`, `crash.process.test.ts`).
 * I3 The six contracts hold (`store/testing`, run by `conformance.test.ts`).
 */
export interface SqliteStoreOptions {
  /** Created with mode 0700 when missing. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names a log that begins; see `EventLog.epoch`. */
  readonly newEpoch: () => string;
  /** Words of messages are kept to be searched; turned off, they are deleted. */
  readonly textSearch?: boolean;
  /** `fs.fdatasync`, replaced in tests. */
  readonly sync?: SyncFile;
}

/** What the writer remembers beside the database, and what tells others of a commit. */
function createMemory(db: OpenDatabase["db"], logger: Logger) {
  const recent = new RecentEvents(db);
  const index = new EventIndex(db, recent);
  const tenants = new LogTenants(db, recent);
  const duplicates = new DuplicateCounts(db);
  const feed = new CommitFeed(logger);
  const pairs = new PairMemory(db);
  const pairFeed = new PairFeed(logger);
  const identities = new Identities(db, recent, pairs);
  const appender = new Appender(db, { tenants, recent, identities, pairs, duplicates });
  return { recent, index, tenants, duplicates, feed, pairs, pairFeed, appender };
}

/** `durable` runs before anybody is told of the commit, `told` after. */
function hooksOf(
  memory: ReturnType<typeof createMemory>,
  durable: () => void,
  told: () => void,
): CommitHooks {
  const { recent, index, tenants, duplicates, feed, pairs, pairFeed } = memory;
  return {
    beforeCommit() {
      duplicates.save();
      index.follow();
    },
    rolledBack() {
      recent.forget();
      tenants.forget();
      pairs.forget();
      duplicates.forget();
    },
    durable() {
      durable();
      // First, so that who reads an event finds what it taught.
      pairFeed.publish();
      feed.publish();
      told();
    },
  };
}

/** Rejects with {@link StoreOpenError} when the folder is in use, or its data is not for this version. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { clock, logger, textSearch = false } = options;
  const database = openDatabase(options.directory);
  const { db, walFd, guards } = database;
  try {
    const memory = createMemory(db, logger);
    const { recent, index, tenants, pairs, pairFeed } = memory;
    let durablePosition = recent.lastPosition;
    const hooks = hooksOf(
      memory,
      () => {
        durablePosition = recent.lastPosition;
      },
      () => views.committed(),
    );
    const writer = new GroupCommit({
      db,
      walFd,
      clock,
      logger,
      hooks,
      walInPlace: () => guards.wal.isInPlace(),
      recovered: () => purge.start(),
      ...(options.sync ? { sync: options.sync } : {}),
    });
    const purge = new Purge(db, writer, index, logger);
    const place = { ...options, guards };
    const failed = failedOf(writer, place);
    const directory = new SqliteDirectory({
      db,
      writer,
      detachLog(tenantId) {
        purge.detach(tenantId);
        tenants.forgetTenant(tenantId);
      },
      detached: () => purge.start(),
    });
    const reader = new Reader({
      database: database.path,
      views: { path: viewsPath(database.path), textSearch },
      logger,
      durablePosition: () => durablePosition,
      damaged: (error) => writer.fail(damagedReason, error),
    });
    const views = new SqliteViews({
      reader,
      logger,
      path: viewsPath(database.path),
      textSearch,
    });
    const epoch = await directory.settingOnce("epoch", options.newEpoch());
    const log = new SqliteEventLog({ ...memory, db, writer, reader, epoch });
    const deliveries = new SqliteDeliveryStore(db, writer, tenants);
    purge.start();
    const disk = watchPlace(writer, place);
    let closed: Promise<void> | undefined;
    const closeAll = async (): Promise<void> => {
      disk.stop();
      views.close();
      await writer.close();
      await reader.close();
      database.close();
    };
    return {
      log,
      people: new SqlitePeople({ db, writer, feed: pairFeed, tenants, pairs }),
      deliveries,
      directory,
      records: new SqliteRecords(db, writer),
      views,
      failed,
      health: () => writer.health(disk.latest),
      close: () => (closed ??= closeAll()),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
