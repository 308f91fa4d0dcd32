-- Small documents about instances, servers and pairing; see the contract's `Records`.
CREATE TABLE records (
  tenant_id TEXT NOT NULL,
  kind      TEXT NOT NULL,
  key       TEXT NOT NULL,
  version   INTEGER NOT NULL,
  value     TEXT NOT NULL,
  PRIMARY KEY (tenant_id, kind, key)
) WITHOUT ROWID;
CREATE INDEX records_by_key ON records (kind, key);
