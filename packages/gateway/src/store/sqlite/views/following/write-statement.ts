import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * A statement that writes. Each reports the number of the connection's last new row, which the index of words
 * gives with all 64 bits: read as a JavaScript number, it would make the statement fail after its work.
 */
export function writeStatement(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}
