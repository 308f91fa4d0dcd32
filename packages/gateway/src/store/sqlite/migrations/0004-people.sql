-- Who is behind a LID, as a provider said it, per instance; `tenant` is the log's number. Both addresses
-- are whole and canonical. The last statement about a LID stands.
CREATE TABLE people_pairs (
  tenant     INTEGER NOT NULL,
  instance   TEXT NOT NULL,
  lid        TEXT NOT NULL,
  phone      TEXT NOT NULL,
  learned_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, instance, lid)
) WITHOUT ROWID;
CREATE INDEX people_pairs_by_phone ON people_pairs (tenant, phone, instance);
