/**
 * Raised with every change of the schema or of what is indexed: a file of another version is thrown away and
 * made again from the log.
 */
export const schemaVersion = 1;

/**
 * `views.db`: which events say something about a message, a chat or a person. What messages say stays in
 * the log. `tenant` and `position` are the log's. `at` is Unix milliseconds: when it happened, never later
 * than it was received.
 *
 * `places` are addresses as events state them, of one instance; which of them are one person is asked of the
 * log's pairs at each reading, since pairs are learnt late and can be corrected. `last_offset`: the newest
 * event that names it. `states` are messages by WhatsApp's id; `mentions` the events that say something
 * about one. `facts` hold what the newest event says of a place.
 */
export const schema = `
CREATE TABLE progress (epoch TEXT NOT NULL, text_search INTEGER NOT NULL, position INTEGER NOT NULL);
CREATE TABLE scopes (
  number   INTEGER PRIMARY KEY,
  tenant   INTEGER NOT NULL,
  instance TEXT NOT NULL,
  UNIQUE (tenant, instance)
);
CREATE TABLE places (
  number      INTEGER PRIMARY KEY,
  tenant      INTEGER NOT NULL,
  scope       INTEGER NOT NULL,
  address     TEXT NOT NULL,
  last_at     INTEGER NOT NULL,
  last_offset INTEGER NOT NULL
);
CREATE UNIQUE INDEX places_by_address ON places (tenant, address, scope);
CREATE INDEX places_by_activity ON places (tenant, last_at, number) WHERE last_at > 0;
CREATE TABLE states (number INTEGER PRIMARY KEY, scope INTEGER NOT NULL, message_id TEXT NOT NULL);
CREATE UNIQUE INDEX states_by_message ON states (scope, message_id);
CREATE TABLE mentions (
  position INTEGER PRIMARY KEY,
  tenant   INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  state    INTEGER NOT NULL,
  kind     INTEGER NOT NULL,
  place    INTEGER,
  from_me  INTEGER,
  person   INTEGER,
  status   INTEGER,
  at       INTEGER NOT NULL
);
CREATE INDEX mentions_by_state ON mentions (state, position);
CREATE INDEX mentions_by_offset ON mentions (tenant, "offset");
CREATE INDEX messages_by_place ON mentions (place, at, position) WHERE kind <= 2;
CREATE INDEX messages_by_person ON mentions (person, at, position) WHERE kind <= 2 AND person IS NOT NULL;
CREATE TABLE facts (
  place    INTEGER NOT NULL,
  kind     INTEGER NOT NULL,
  tenant   INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  value    ANY NOT NULL,
  PRIMARY KEY (place, kind)
) WITHOUT ROWID;
CREATE TABLE members (
  place     INTEGER NOT NULL,
  person    INTEGER NOT NULL,
  tenant    INTEGER NOT NULL,
  "offset"  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  is_member INTEGER NOT NULL,
  PRIMARY KEY (place, person)
) WITHOUT ROWID;
`;

/** The words of messages, by position; the texts themselves are not kept. Only with text search on.
 * What is deleted is marked and goes when the index is merged; see `TextIndex`. */
export const textSchema = `
CREATE VIRTUAL TABLE texts USING fts5(
  tenant, text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);
`;
