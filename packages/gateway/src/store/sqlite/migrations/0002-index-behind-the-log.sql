-- What finds an event is written behind the log, many events at a time: a commit writes the pages of the
-- events and their bodies and nothing else. Up to `through` (a position) everything is indexed; what is
-- above it is read into memory at the start. `bodies`: the newest id of a body that was ever given.
CREATE TABLE log_progress (through INTEGER NOT NULL, bodies INTEGER NOT NULL);

-- Where the events of a tenant are, by offset.
CREATE TABLE event_places (
  tenant   INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (tenant, "offset")
) WITHOUT ROWID;
INSERT INTO event_places SELECT tenant, "offset", position FROM events ORDER BY tenant, "offset";
DROP INDEX events_by_offset;

CREATE TABLE event_ids (
  id       TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (id, position)
) WITHOUT ROWID;
INSERT INTO event_ids SELECT id, position FROM events ORDER BY id, position;
DROP INDEX events_by_id;

INSERT OR IGNORE INTO event_identities SELECT identity_hash, position FROM events ORDER BY identity_hash, position;
DROP TABLE identity_progress;

-- Ids of bodies are given by the writer now: a counter in the database would be one more page per commit.
INSERT INTO log_progress SELECT
  (SELECT coalesce(max(position), 0) FROM events),
  max(coalesce((SELECT max(id) FROM bodies), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'bodies'), 0));
CREATE TABLE kept_bodies (
  id     INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  meta   TEXT NOT NULL,
  text   TEXT NOT NULL
);
INSERT INTO kept_bodies SELECT id, tenant, meta, text FROM bodies ORDER BY id;
DROP TABLE bodies;
ALTER TABLE kept_bodies RENAME TO bodies;
