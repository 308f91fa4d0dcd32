import type { SQLInputValue } from "node:sqlite";
import type { EventFilter } from "../../contract/index.ts";
import { storedEventColumns } from "./stored-event.ts";

export interface SqlQuery {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

/** Offsets from `first` to `last`, both included. */
export interface OffsetRange {
  readonly first: number;
  readonly last: number;
}

interface Condition {
  readonly sql: string;
  readonly value: SQLInputValue;
  /** The index that finds these rows in offset order. */
  readonly index?: string;
}

/** Most selective first: the first one given decides which index is used. */
function conditions(filter: EventFilter): readonly Condition[] {
  const found: Condition[] = [];
  function add(sql: string, value: SQLInputValue | undefined, index?: string): void {
    if (value !== undefined) found.push({ sql, value, ...(index !== undefined ? { index } : {}) });
  }
  add("e.message_id = ?", filter.messageId, "events_by_message");
  add("e.phone = ?", filter.phone, "events_by_phone");
  add("e.chat = ?", filter.chatId, "events_by_chat");
  // A partial index is used only when its own condition is written out; hence no parameter here.
  if (filter.unrecognised === true) add("e.unrecognised = 1 AND ?", 1, "events_unrecognised");
  if (filter.unrecognised === false) add("e.unrecognised = 0 AND ?", 1);
  add("e.instance = ?", filter.instanceId, "events_by_instance");
  add("e.from_me = ?", filter.fromMe === undefined ? undefined : Number(filter.fromMe));
  add("e.type IN (SELECT value FROM json_each(?))", filter.types && JSON.stringify(filter.types));
  add("e.received_at >= ?", filter.since);
  add("e.received_at < ?", filter.until);
  return found;
}

/**
 * The statement for a filter over one tenant's offsets of `range`. The index is named rather than left to
 * the planner, which has no statistics here and would now and then sort a whole chat or scan the log.
 */
export function eventQuery(tenant: number, filter: EventFilter, range: OffsetRange): SqlQuery {
  const given = conditions(filter);
  const index =
    given.find((condition) => condition.index !== undefined)?.index ?? "events_by_offset";
  const first = Math.max(range.first, (filter.after ?? 0) + 1);
  const last = Math.min(range.last, (filter.before ?? Number.MAX_SAFE_INTEGER) - 1);
  return {
    sql: `SELECT ${storedEventColumns} FROM events e INDEXED BY ${index}
      WHERE ${['e.tenant = ? AND e."offset" BETWEEN ? AND ?', ...given.map((condition) => condition.sql)].join(" AND ")}
      ORDER BY e."offset" ${filter.after === undefined ? "DESC" : "ASC"} LIMIT ?`,
    parameters: [tenant, first, last, ...given.map((condition) => condition.value), filter.limit],
  };
}
