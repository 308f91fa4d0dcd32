-- Texts that many rows of a tenant repeat (its name and an instance's in every envelope, the headers of
-- every webhook), by number. Numbers are never used again: whoever remembers one must not find another
-- tenant's text behind it.
CREATE TABLE log_texts (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant INTEGER NOT NULL,
  text   TEXT NOT NULL
);
CREATE INDEX log_texts_by_tenant ON log_texts (tenant);

-- Old events of one tenant, compressed: what is only read as a whole. Their rows in `events` stay, with an
-- empty `json`, for what they are found by. `bodies` holds the bodies whose last event is in the block,
-- the newest of them being `last_body`. Numbers are never used again, since readers keep blocks at hand.
CREATE TABLE cold_blocks (
  number       INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant       INTEGER NOT NULL,
  first_offset INTEGER NOT NULL,
  last_offset  INTEGER NOT NULL,
  last_body    INTEGER,
  events       BLOB NOT NULL,
  bodies       BLOB
);
CREATE UNIQUE INDEX cold_blocks_by_offset ON cold_blocks (tenant, last_offset);
CREATE INDEX cold_blocks_by_body ON cold_blocks (tenant, last_body) WHERE last_body IS NOT NULL;

-- Up to this position rows were written anew after their texts went into blocks.
ALTER TABLE log_progress ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;

-- `cold_through`: up to this offset events are in blocks. `kept_bytes`: what the indexed events of a tenant
-- take in rows and blocks, bodies included, with 256 for each event's columns and index entries.
ALTER TABLE log_tenants ADD COLUMN cold_through INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log_tenants ADD COLUMN kept_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE log_tenants SET kept_bytes =
  coalesce((SELECT sum(octet_length(json) + 256) FROM events
    WHERE tenant = number AND position <= (SELECT through FROM log_progress)), 0)
  + coalesce((SELECT sum(octet_length(text)) FROM bodies 
    WHERE tenant = number AND id <= (SELECT bodies FROM log_progress)), 0);
