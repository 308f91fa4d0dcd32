import { expiredUpTo } from "../../sqlite/retention/expire.ts";
import { inTransaction, type Database, type Transaction } from "../database.ts";

interface LogRow {
  readonly number: number;
  readonly floor: number;
}

/** Deletes from the beginnings of logs, in one transaction; answers how many events went, at most `limit`. */
export async function expireEvents(
  sql: Database,
  before: number,
  now: number,
  limit: number,
): Promise<number> {
  return inTransaction(sql, async (transaction) => {
    // An append must not find an identity whose event goes away under it.
    await transaction`SELECT FROM log_lane FOR UPDATE`;
    const logs = await transaction<LogRow[]>`
      SELECT number, floor FROM logs WHERE floor <= head ORDER BY number`;
    let gone = 0;
    for (const log of logs) {
      if (gone >= limit) break;
      gone += await expireLog(transaction, log, { before, now, limit: limit - gone });
    }
    return gone;
  });
}

async function expireLog(
  transaction: Transaction,
  log: LogRow,
  until: { readonly before: number; readonly now: number; readonly limit: number },
): Promise<number> {
  const oldest = await transaction<{ readonly offset: number; readonly received_at: number }[]>`
    SELECT "offset", received_at FROM events
    WHERE log = ${log.number} AND "offset" >= ${log.floor} ORDER BY "offset" LIMIT ${until.limit}`;
  const last =
    expiredUpTo(oldest, until.before, until.now) || (await futureUpTo(transaction, log, until));
  if (last < log.floor) return 0;
  // Events of one body follow one another: only the last body may still be needed.
  await transaction`
    WITH gone AS (
      DELETE FROM events WHERE log = ${log.number} AND "offset" BETWEEN ${log.floor} AND ${last} RETURNING body
    )
    DELETE FROM bodies WHERE id IN (SELECT body FROM gone) AND id IS DISTINCT FROM
      (SELECT body FROM events WHERE log = ${log.number} AND "offset" = ${last + 1})`;
  await transaction`UPDATE logs SET floor = ${last + 1} WHERE number = ${log.number}`;
  return last - log.floor + 1;
}

/** A run of times in the future that is longer than what may go at once goes as well, piece by piece. */
async function futureUpTo(
  transaction: Transaction,
  log: LogRow,
  until: { readonly before: number; readonly now: number; readonly limit: number },
): Promise<number> {
  const [past] = await transaction<{ readonly offset: number; readonly received_at: number }[]>`
    SELECT "offset", received_at FROM events
    WHERE log = ${log.number} AND "offset" >= ${log.floor} AND received_at <= ${until.now}
    ORDER BY "offset" LIMIT 1`;
  if (!past || past.received_at >= until.before) return 0;
  return Math.min(past.offset, log.floor + until.limit - 1);
}
