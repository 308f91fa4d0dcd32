import { isObject, type Members } from "./complaints.ts";
import type { StatusRow, StoredMessage } from "./message-list.ts";

/** `/chat/findMessages` and its like, with their surprises (recorded on 2.3.6). Pure. */

export interface MessagePage {
  readonly messages: {
    readonly total: number;
    readonly pages: number;
    readonly currentPage: number;
    readonly records: readonly StoredMessage[];
  };
}

const seconds = (value: unknown): number =>
  Math.floor(new Date(value as string | number).getTime() / 1_000);

/**
 * The time filter counts only with both bounds, and reads them as dates: ISO texts work, while Unix
 * seconds are taken for milliseconds of 1970 and match nothing.
 */
function within(filter: unknown, timestamp: number): boolean {
  if (!isObject(filter) || !filter["gte"] || !filter["lte"]) return true;
  return timestamp >= seconds(filter["gte"]) && timestamp <= seconds(filter["lte"]);
}

/** A false or empty filter is no filter: `fromMe: false` finds both sides. */
function agrees(filter: unknown, value: unknown): boolean {
  return !filter || filter === value;
}

function matches(message: StoredMessage, where: Members): boolean {
  const key = isObject(where["key"]) ? where["key"] : {};
  const names = ["id", "fromMe", "remoteJid", "participant"];
  return (
    agrees(where["id"], message.id) &&
    agrees(where["source"], message.source) &&
    agrees(where["messageType"], message.messageType) &&
    within(where["messageTimestamp"], message.messageTimestamp) &&
    names.every((name) => agrees(key[name], message.key[name]))
  );
}

function paging(query: Members): { readonly size: number; readonly page: number } {
  // `offset` is the size of a page, whatever its name says.
  return { size: Number(query["offset"]) || 50, page: Number(query["page"]) || 1 };
}

/** Newest first; of one second in the order they were stored. */
export function findMessages(all: readonly StoredMessage[], body: unknown): MessagePage {
  const query = isObject(body) ? body : {};
  const where = isObject(query["where"]) ? query["where"] : {};
  const { size, page } = paging(query);
  const found = all
    .filter((message) => matches(message, where))
    .toSorted((one, other) => other.messageTimestamp - one.messageTimestamp);
  const records = found.slice(size * (page - 1), size * page);
  const pages = Math.ceil(found.length / size);
  return { messages: { total: found.length, pages, currentPage: page, records } };
}

/** Rows of status updates; `where.id` is the message's own id. */
export function findStatuses(all: readonly StatusRow[], body: unknown): readonly StatusRow[] {
  const query = isObject(body) ? body : {};
  const where = isObject(query["where"]) ? query["where"] : {};
  const { size, page } = paging(query);
  return all
    .filter((row) => agrees(where["remoteJid"], row.remoteJid) && agrees(where["id"], row.keyId))
    .slice(size * (page - 1), size * page);
}
