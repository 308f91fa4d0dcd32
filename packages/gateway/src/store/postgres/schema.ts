import { inTransaction, quoted, type Database } from "./database.ts";
import { unavailable } from "./postgres-error.ts";

const version = 1;

/**
 * `log_lane` has one row. Whoever numbers events locks it first and holds it until the commit is visible,
 * so the order of `position` is the order in which events are seen, over all tenants and processes.
 * `position`, `body`: the newest ever given.
 *
 * `people_pairs`: who is behind a LID, as a provider said it; the last statement stands.
 * Texts: see `stored-text.ts`. Times are Unix milliseconds. `identity` is a digest of tenant, instance and
 * key; the newest row of an identity speaks for it. `deleted_logs`: unreachable, rows are still removed.
 */
const statements = `
CREATE TABLE log_lane (
  single   boolean PRIMARY KEY DEFAULT true CHECK (single),
  version  integer NOT NULL,
  epoch    text NOT NULL,
  position bigint NOT NULL DEFAULT 0,
  body     bigint NOT NULL DEFAULT 0
);
CREATE TABLE logs (
  number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id text NOT NULL UNIQUE,
  head      bigint NOT NULL DEFAULT 0,
  floor     bigint NOT NULL DEFAULT 1
);
CREATE TABLE deleted_logs (number bigint PRIMARY KEY);
CREATE TABLE bodies (
  id   bigint PRIMARY KEY,
  log  bigint NOT NULL,
  meta text NOT NULL,
  text text NOT NULL
);
CREATE INDEX bodies_by_log ON bodies (log);
CREATE TABLE events (
  log             bigint NOT NULL,
  "offset"        bigint NOT NULL,
  position        bigint NOT NULL UNIQUE,
  id              text NOT NULL,
  type            text NOT NULL,
  instance        text,
  chat            text,
  phone           text,
  message_id      text,
  from_me         boolean,
  unrecognised    boolean NOT NULL,
  received_at     bigint NOT NULL,
  body            bigint,
  body_index      integer NOT NULL,
  body_hash       text NOT NULL,
  source          text NOT NULL,
  identity        uuid NOT NULL,
  expires_at      bigint,
  content_missing boolean NOT NULL,
  json            text NOT NULL,
  PRIMARY KEY (log, "offset")
);
CREATE INDEX events_by_id ON events (id);
CREATE INDEX events_by_identity ON events (identity, position);
CREATE INDEX events_by_chat ON events (log, chat, "offset") WHERE chat IS NOT NULL;
CREATE INDEX events_by_phone ON events (log, phone, "offset") WHERE phone IS NOT NULL;
CREATE INDEX events_by_message ON events (log, message_id, "offset") WHERE message_id IS NOT NULL;
CREATE INDEX events_by_time ON events (log, received_at);
CREATE TABLE people_pairs (
  log        bigint NOT NULL,
  instance   text NOT NULL,
  lid        text NOT NULL,
  phone      text NOT NULL,
  learned_at bigint NOT NULL,
  PRIMARY KEY (log, instance, lid)
);
CREATE INDEX people_pairs_by_lid ON people_pairs (log, lid);
CREATE INDEX people_pairs_by_phone ON people_pairs (log, phone);
CREATE TABLE log_instances (
  log              bigint NOT NULL,
  instance         text NOT NULL,
  last_received_at bigint NOT NULL,
  count            bigint NOT NULL,
  PRIMARY KEY (log, instance)
);
CREATE TABLE log_duplicates (
  log      bigint NOT NULL,
  instance text NOT NULL,
  cause    text NOT NULL,
  count    bigint NOT NULL,
  PRIMARY KEY (log, instance, cause)
);
`;

/** Any number: whoever opens the same database takes the same lock. */
const openingLock = 7_302_395;

/**
 * Makes the tables unless they are there and answers the log's epoch. Several processes may do so at once.
 * Rejects when the server does not sync its commits, or the tables are of another version.
 */
export async function prepareSchema(
  sql: Database,
  schema: string,
  newEpoch: () => string,
): Promise<string> {
  return inTransaction(sql, async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${openingLock})`;
    const [fsync] = await transaction<{ readonly fsync: string }[]>`SHOW fsync`;
    if (fsync?.fsync !== "on") throw unavailable("PostgreSQL runs with fsync off");
    await transaction.unsafe(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
    const [table] = await transaction<{ readonly found: boolean }[]>`
      SELECT to_regclass('log_lane') IS NOT NULL AS found`;
    if (table?.found !== true) {
      await transaction.unsafe(statements);
      await transaction`INSERT INTO log_lane (version, epoch) VALUES (${version}, ${newEpoch()})`;
    }
    const [lane] = await transaction<{ readonly version: number; readonly epoch: string }[]>`
      SELECT version, epoch FROM log_lane`;
    if (lane?.version !== version) throw unavailable("the tables are of another version");
    return lane.epoch;
  });
}
