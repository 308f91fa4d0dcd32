import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Directory, EventLog } from "../contract/index.ts";
import { connect } from "./database.ts";
import { PostgresEventLog } from "./event-log.ts";
import { asStoreError } from "./postgres-error.ts";
import { LogTenants } from "./retention/log-tenants.ts";
import { prepareSchema } from "./schema.ts";
import { Tail } from "./tail.ts";

/**
 * The event log over PostgreSQL, shared by any number of processes. It shows that the log's contract is
 * not SQLite's shape; no setting leads to it.
 *
 * Owns: its schema, every statement in it. Must not know: HTTP, sockets, providers, the other half of the
 * store.
 *
 * I1 The event log's contract holds (`store/testing`, run by `conformance.process.test.ts`).
 * I2 Offsets are given in the order in which commits become visible, whichever process gives them
 *    (`many-writers.process.test.ts`).
 * I3 An append whose commit was not answered is rejected, although it may be stored: its copy is then a
 *    duplicate. That is the one thing which a network between log and disk takes from the contract's I5.
 */
export interface PostgresEventLogOptions {
  /** `postgres://…`; a secret. */
  readonly url: string;
  /** Where its tables are; made when missing. A name of the operator's. */
  readonly schema: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names a log that begins; see `EventLog.epoch`. */
  readonly newEpoch: () => string;
  /** How long a lost wake-up between processes can go unnoticed; 500 when absent. */
  readonly pollMs?: number;
}

export interface PostgresEventLogStore {
  readonly log: EventLog;
  /** Whose logs there are. */
  readonly directory: Pick<Directory, "createTenant" | "deleteTenant">;
  /** Finishes what is in flight and lets go of every connection. Idempotent. */
  close(): Promise<void>;
}

const defaultPollMs = 500;
/** Queries that still run then are given up; a connection that was lost in one never says that it ended. */
const closeTimeoutSeconds = 1;

/** Rejects with `store_unavailable` when the server cannot be reached, does not sync, or has other tables. */
export async function openPostgresEventLog(
  options: PostgresEventLogOptions,
): Promise<PostgresEventLogStore> {
  const { url, schema, clock, logger } = options;
  const sql = connect(url, schema);
  try {
    const epoch = await prepareSchema(sql, schema, options.newEpoch);
    const pollMs = options.pollMs ?? defaultPollMs;
    const tail = new Tail({ sql, clock, logger, channel: `recado ${schema}`, pollMs });
    await tail.start();
    const log = new PostgresEventLog(sql, tail, epoch);
    const directory = new LogTenants(sql, logger);
    directory.purge();
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await log.close();
      await Promise.all([tail.close(), directory.close()]);
      await sql.end({ timeout: closeTimeoutSeconds });
    };
    return { log, directory, close: () => (closed ??= close()) };
  } catch (error) {
    await sql.end({ timeout: closeTimeoutSeconds });
    throw asStoreError(error);
  }
}
