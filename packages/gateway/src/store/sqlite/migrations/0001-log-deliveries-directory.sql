-- The log. Text comparisons are byte-wise; times are Unix milliseconds.

-- A tenant as the log and the deliveries know it: a small number instead of a long id in every row.
-- `tenant_id` becomes NULL when the tenant is deleted: its rows are unreachable from then on and are
-- removed in small steps. Numbers are never used again. `terms_through`: see event_terms.
CREATE TABLE log_tenants (
  number        INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id     TEXT UNIQUE,
  head          INTEGER NOT NULL DEFAULT 0,
  floor         INTEGER NOT NULL DEFAULT 1,
  terms_through INTEGER NOT NULL DEFAULT 0
);

-- `json` comes last: whatever only needs the other columns does not read its overflow pages.
-- What makes two events the same occurrence is the pair of instance and `identity_key`; it is found by
-- the first 48 bits of a hash, since random texts in an index would double the cost of an append. The
-- newest row of an identity speaks for it.
CREATE TABLE events (
  position        INTEGER PRIMARY KEY,
  tenant          INTEGER NOT NULL,
  "offset"        INTEGER NOT NULL,
  id              TEXT NOT NULL,
  type            TEXT NOT NULL,
  instance        TEXT,
  chat            TEXT,
  phone           TEXT,
  message_id      TEXT,
  from_me         INTEGER,
  unrecognised    INTEGER NOT NULL,
  occurred_at     INTEGER NOT NULL,
  received_at     INTEGER NOT NULL,
  body            INTEGER,
  body_index      INTEGER NOT NULL,
  body_hash       TEXT NOT NULL,
  source          TEXT NOT NULL,
  identity_hash   INTEGER NOT NULL,
  identity_key    TEXT NOT NULL,
  expires_at      INTEGER,
  content_missing INTEGER NOT NULL,
  json            TEXT NOT NULL
);
CREATE UNIQUE INDEX events_by_offset ON events (tenant, "offset");
CREATE INDEX events_by_id ON events (id);

-- Where an identity's hash was stored. Written some hundred at a time, up to the position in
-- `identity_progress`: hashes fall anywhere in it, and one by one each would write a page of its own.
CREATE TABLE event_identities (
  hash     INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (hash, position)
) WITHOUT ROWID;
CREATE TABLE identity_progress (through INTEGER NOT NULL);
INSERT INTO identity_progress VALUES (0);

-- What events are looked up by (instance, chat, phone, message, unrecognised): 32 bits of a checksum of
-- it, then the offset within the segment, as one number. The event itself is asked whether it is really
-- meant. Written some hundred events at a time, up to `terms_through`, and kept together per segment of
-- offsets: a lookup visits every segment, but an append touches few pages however large the log is.
CREATE TABLE event_terms (
  tenant  INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  entry   INTEGER NOT NULL,
  PRIMARY KEY (tenant, segment, entry)
) WITHOUT ROWID;

-- Provider bodies, once per webhook. `meta` is JSON. Ids are never used again: deliveries keep them
-- longer than the bodies live, and must not find another webhook behind one.
CREATE TABLE bodies (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant INTEGER NOT NULL,
  meta   TEXT NOT NULL,
  text   TEXT NOT NULL
);

-- Which offsets were received in a minute: a time range becomes an offset range without an index on
-- the events, and stays right when the clock jumped.
CREATE TABLE log_minutes (
  tenant       INTEGER NOT NULL,
  minute       INTEGER NOT NULL,
  first_offset INTEGER NOT NULL,
  last_offset  INTEGER NOT NULL,
  PRIMARY KEY (tenant, minute)
) WITHOUT ROWID;

CREATE TABLE log_instances (
  tenant           INTEGER NOT NULL,
  instance         TEXT NOT NULL,
  last_received_at INTEGER NOT NULL,
  count            INTEGER NOT NULL,
  PRIMARY KEY (tenant, instance)
) WITHOUT ROWID;

CREATE TABLE log_duplicates (
  tenant   INTEGER NOT NULL,
  instance TEXT NOT NULL,
  cause    TEXT NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (tenant, instance, cause)
) WITHOUT ROWID;

-- Deliveries. `sequence` is the order of creation. `status`: pending, succeeded, failed, cancelled.
CREATE TABLE delivery_cursors (
  tenant      INTEGER NOT NULL,
  endpoint    TEXT NOT NULL,
  "offset"    INTEGER NOT NULL,
  last_body   INTEGER,
  PRIMARY KEY (tenant, endpoint)
) WITHOUT ROWID;

CREATE TABLE deliveries (
  sequence         INTEGER PRIMARY KEY,
  tenant           INTEGER NOT NULL,
  endpoint         TEXT NOT NULL,
  id               TEXT NOT NULL,
  event_id         TEXT NOT NULL,
  event_offset     INTEGER NOT NULL,
  event_type       TEXT NOT NULL,
  body             INTEGER,
  ordering_key     TEXT,
  created_at       INTEGER NOT NULL,
  status           TEXT NOT NULL,
  attempts         INTEGER NOT NULL,
  total_attempts   INTEGER NOT NULL,
  due_at           INTEGER NOT NULL,
  finished_at      INTEGER,
  last_error       TEXT,
  last_status_code INTEGER
);
CREATE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_pending ON deliveries (tenant, endpoint, event_offset) WHERE status = 'pending';
CREATE INDEX deliveries_by_endpoint ON deliveries (tenant, endpoint, status);
CREATE INDEX deliveries_by_status ON deliveries (tenant, status);
CREATE INDEX deliveries_by_event ON deliveries (event_id);
CREATE INDEX deliveries_finished ON deliveries (created_at) WHERE status <> 'pending';

-- `detail` is JSON: everything of an attempt but its number.
CREATE TABLE attempts (
  delivery INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  detail   TEXT NOT NULL
);
CREATE UNIQUE INDEX attempts_by_delivery ON attempts (delivery, number);

-- Kept by triggers, so that no path can forget one.
CREATE TABLE delivery_counts (
  tenant   INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  status   TEXT NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (tenant, endpoint, status)
) WITHOUT ROWID;
CREATE TRIGGER deliveries_counted AFTER INSERT ON deliveries BEGIN
  INSERT INTO delivery_counts VALUES (new.tenant, new.endpoint, new.status, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER deliveries_recounted AFTER UPDATE OF status ON deliveries WHEN old.status <> new.status BEGIN
  UPDATE delivery_counts SET count = count - 1
    WHERE tenant = old.tenant AND endpoint = old.endpoint AND status = old.status;
  INSERT INTO delivery_counts VALUES (new.tenant, new.endpoint, new.status, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER deliveries_uncounted AFTER DELETE ON deliveries BEGIN
  UPDATE delivery_counts SET count = count - 1
    WHERE tenant = old.tenant AND endpoint = old.endpoint AND status = old.status;
END;

-- The directory. `document` is the whole record as JSON; the other columns are what it is found by.
-- Tenants belong to nobody: their `tenant_id` is ''.
CREATE TABLE tenants (
  id           TEXT PRIMARY KEY,
  tenant_id    TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  ingest_token TEXT NOT NULL,
  document     TEXT NOT NULL
);
CREATE INDEX tenants_by_creation ON tenants (tenant_id, created_at, id);
CREATE INDEX tenants_by_token ON tenants (ingest_token);

CREATE TABLE keys (
  id         TEXT PRIMARY KEY,
  tenant_id  TEXT NOT NULL,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  hash       TEXT NOT NULL,
  document   TEXT NOT NULL,
  UNIQUE (tenant_id, name)
);
CREATE INDEX keys_by_creation ON keys (tenant_id, created_at, id);
CREATE INDEX keys_by_hash ON keys (hash);

CREATE TABLE servers (
  id           TEXT PRIMARY KEY,
  tenant_id    TEXT NOT NULL,
  name         TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  ingest_token TEXT NOT NULL,
  document     TEXT NOT NULL,
  UNIQUE (tenant_id, name)
);
CREATE INDEX servers_by_creation ON servers (tenant_id, created_at, id);
CREATE INDEX servers_by_token ON servers (ingest_token);

CREATE TABLE instances (
  id            TEXT PRIMARY KEY,
  tenant_id     TEXT NOT NULL,
  name          TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  ingest_token  TEXT NOT NULL,
  provider_name TEXT NOT NULL,
  document      TEXT NOT NULL,
  UNIQUE (tenant_id, name)
);
CREATE INDEX instances_by_creation ON instances (tenant_id, created_at, id);
CREATE INDEX instances_by_token ON instances (ingest_token);
CREATE INDEX instances_by_provider_name ON instances (provider_name);

CREATE TABLE endpoints (
  id         TEXT PRIMARY KEY,
  tenant_id  TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  document   TEXT NOT NULL
);
CREATE INDEX endpoints_by_creation ON endpoints (tenant_id, created_at, id);

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
