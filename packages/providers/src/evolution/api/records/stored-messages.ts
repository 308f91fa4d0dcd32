import { ProviderApiError, type ApiAnswer, type ApiCall } from "../../../api/index.ts";
import type { JsonObject } from "../../../contract.ts";
import {
  countOf,
  flagAt,
  idAt,
  listOf,
  numberOf,
  member,
  objectAt,
  objectOf,
  wordAt,
} from "../../../message/index.ts";
import type { CallOptions, EvolutionContext } from "../context.ts";
import { signalOf } from "../context.ts";
import { flavourOf } from "../server-version.ts";

/**
 * What the server stored since a moment, oldest first.
 *
 * The server lists newest first and in pages, and messages of one second have no stable order, so a walk
 * over pages can miss some. Instead the time is cut into windows that fit into one page each.
 */

/** One stored message. */
export interface StoredMessage {
  /** WhatsApp's id of the message. */
  readonly id: string;
  /** As the server stored it: a LID chat may have the LID here where the webhook said the phone. */
  readonly chat?: string;
  readonly fromMe: boolean;
  /** WhatsApp's clock, whole seconds, as Unix milliseconds; messages of one second have no order. */
  readonly sentAt?: number;
  /** The server's own row id. */
  readonly rowId?: string;
  /** The row as it came: `key`, `message`, `messageType`, `MessageUpdate`. */
  readonly record: JsonObject;
}

/** A part of the answer. */
export interface StoredMessages {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
  /** Everything stored up to here, Unix milliseconds, has been given; go on from here after a failure. */
  readonly untilMs: number;
  /**
   * False: the server holds more of this part than it can be made to list (version 1, one that does not
   * look at the time, or a single second with thousands); the newest ones were given.
   */
  readonly complete: boolean;
}

export interface MessagesSinceOptions extends CallOptions {
  /** Unix milliseconds; cut down to the second. Included. */
  readonly sinceMs: number;
  /** Unix milliseconds. Included. Default: now and five minutes, for clocks that differ. */
  readonly untilMs?: number;
  /** Only this chat, as the server stored it. */
  readonly chat?: string;
  /** Messages asked for at once, 1 to 1,000. Default 200. */
  readonly pageSize?: number;
  /** Longest answer that is read; a longer one is asked for in parts. Default 64 MiB. */
  readonly maxPageBytes?: number;
}

const path = "/chat/findMessages/:instance";
/** Media may stand inside the rows. */
const defaultMaxPageBytes = 64 * 1024 * 1024;
const defaultPageSize = 200;
const largestPage = 1_000;
const mostPagesOfSecond = 50;
const mostPagesWithoutFilter = 10;
const clockReserveMs = 5 * 60_000;
/** JavaScript's and the server's last moment that has a text. */
const lastSecond = 8_640_000_000_000;

interface Walk {
  readonly context: EvolutionContext;
  readonly instance: string;
  readonly options: MessagesSinceOptions;
  readonly pageSize: number;
}

/**
 * Gives the stored messages of a time, part by part. Bounded by one page in memory; whoever has enough
 * stops reading. Rejects as every call does, and may be gone on with from the last `untilMs`.
 */
export async function* messagesSince(
  context: EvolutionContext,
  instance: string,
  options: MessagesSinceOptions,
): AsyncGenerator<StoredMessages, void, undefined> {
  const size = Math.trunc(options.pageSize ?? defaultPageSize);
  const pageSize = Math.min(largestPage, Math.max(1, Number.isNaN(size) ? defaultPageSize : size));
  const walk: Walk = { context, instance, options, pageSize };
  const untilMs = options.untilMs ?? context.caller.now() + clockReserveMs;
  const end = Math.min(lastSecond, Math.floor(untilMs / 1000));
  const start = Math.max(0, Math.floor(options.sinceMs / 1000));
  if (!(start <= end)) return;
  if (flavourOf(await context.version()) === "v1") {
    yield await newestOfVersion1(walk, start, end);
    return;
  }
  // The oldest window is on top. Each split leaves at most `mostParts` of them behind.
  const windows: Window[] = [{ from: start, to: end }];
  for (let window = windows.pop(); window !== undefined; window = windows.pop()) {
    const { from, to } = window;
    const page = await pageOrTooLong(walk, window);
    if (page !== undefined && ignoresTime(page, window)) {
      yield await newestWithoutFilter(walk, from, end);
      return;
    }
    if (page !== undefined && (page.total <= pageSize || from === to)) {
      const part =
        page.total <= pageSize ? wholeOf(page) : await wholeSecond(walk, from, page.total);
      yield { ...part, untilMs: to * 1000 + 999 };
    } else {
      windows.push(...partsOf(window, page?.total ?? 0, pageSize).toReversed());
    }
  }
}

/** True where the server gave what was not asked for: it does not look at the time, as 2.0 did not. */
function ignoresTime({ messages }: Page, { from, to }: Window): boolean {
  return messages.some(
    ({ sentAt = from * 1000 }) => sentAt < from * 1000 || sentAt >= (to + 1) * 1000,
  );
}

/** Such a server's pages, newest first, until they are older than the span; bounded. */
async function newestWithoutFilter(
  walk: Walk,
  start: number,
  end: number,
): Promise<StoredMessages> {
  const window = { from: start, to: end };
  const found = new Map<string, StoredMessage>();
  let complete = false;
  for (let number = 1; number <= mostPagesWithoutFilter && !complete; number += 1) {
    const { messages } = await pageOf(walk, window, number);
    const before = found.size;
    for (const message of messages) found.set(message.rowId ?? message.id, message);
    const isOlder = messages.some(({ sentAt = end * 1000 }) => sentAt < start * 1000);
    complete = isOlder || messages.length < walk.pageSize;
    // A server that does not look at the page number either.
    if (found.size === before) break;
  }
  const inside = [...found.values()].filter(
    ({ sentAt = start * 1000 }) => sentAt >= start * 1000 && sentAt < (end + 1) * 1000,
  );
  return { messages: oldestFirst(inside), untilMs: end * 1000 + 999, complete };
}

/** Whole seconds, both included. */
interface Window {
  readonly from: number;
  readonly to: number;
}

const mostParts = 8;

/**
 * Cuts a window of at least two seconds into shorter ones, oldest first: as many as would do if the
 * messages were spread evenly, and at least two.
 */
function partsOf({ from, to }: Window, total: number, pageSize: number): readonly Window[] {
  const seconds = to - from + 1;
  const goal = Math.ceil((total * 1.25) / pageSize);
  const count = Math.min(seconds, mostParts, Math.max(2, goal));
  const border = (index: number) => from + Math.floor((seconds * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    from: border(index),
    to: border(index + 1) - 1,
  }));
}

interface Page {
  readonly total: number;
  readonly messages: readonly StoredMessage[];
}

/** Oldest first, each once. */
function wholeOf(page: Page): Omit<StoredMessages, "untilMs"> {
  return { messages: oldestFirst(page.messages), complete: true };
}

/**
 * A second with more messages than a page: asked for at once, since its order changes from page to page,
 * and in pages only where that is too much. What the pages gave twice is taken once.
 */
async function wholeSecond(
  walk: Walk,
  second: number,
  total: number,
): Promise<Omit<StoredMessages, "untilMs">> {
  const window = { from: second, to: second };
  const pageSize = Math.min(largestPage, total);
  const messages: StoredMessage[] = [];
  const pages = Math.min(mostPagesOfSecond, Math.ceil(total / pageSize));
  for (let page = 1; page <= pages; page += 1) {
    const next = await pageOf({ ...walk, pageSize }, window, page);
    messages.push(...next.messages);
  }
  const found = oldestFirst(messages);
  return { messages: found, complete: found.length >= total };
}

function oldestFirst(newestFirst: readonly StoredMessage[]): readonly StoredMessage[] {
  const seen = new Set<string>();
  const unique = newestFirst.filter(({ rowId }) => {
    if (rowId === undefined) return true;
    if (seen.has(rowId)) return false;
    seen.add(rowId);
    return true;
  });
  // Sorting keeps the order of equal times, so that turning first keeps the server's.
  return unique.toReversed().toSorted((left, right) => (left.sentAt ?? 0) - (right.sentAt ?? 0));
}

/** Undefined when the page is longer than may be read and a shorter window can be asked for. */
async function pageOrTooLong(walk: Walk, window: Window): Promise<Page | undefined> {
  try {
    return await pageOf(walk, window, 1);
  } catch (error) {
    const isTooLong = error instanceof ProviderApiError && error.reason === "incomplete";
    if (isTooLong && window.from < window.to) return undefined;
    throw error;
  }
}

async function pageOf(walk: Walk, { from, to }: Window, page: number): Promise<Page> {
  const { options, pageSize } = walk;
  const time = { gte: isoOf(from), lte: isoOf(to) };
  const key = options.chat === undefined ? {} : { key: { remoteJid: options.chat } };
  const call = findCall(walk, {
    where: { messageTimestamp: time, ...key },
    page,
    offset: pageSize,
  });
  const answer = await walk.context.caller.json(call);
  const { value } = answer;
  const list = objectAt(value, "messages") ?? objectOf(value);
  const records = rowsOf(walk, call, answer, member(list, "records") ?? value);
  const messages = records.flatMap((record) => readStoredMessage(record) ?? []);
  // Without a total, a full page may have more behind it.
  const guess = records.length >= pageSize ? pageSize + 1 : records.length;
  return { total: countOf(member(list, "total")) ?? guess, messages };
}

/** Both bounds, and as ISO texts: one alone is not looked at, and seconds find nothing (recorded). */
function isoOf(second: number): string {
  return new Date(second * 1000).toISOString();
}

function findCall(walk: Walk, body: object): ApiCall {
  return {
    method: "POST",
    path,
    parts: { instance: walk.instance },
    body,
    timeoutMs: walk.context.caller.timeoutMs * 2,
    maxBytes: walk.options.maxPageBytes ?? defaultMaxPageBytes,
    // It only reads.
    repeatable: true,
    ...signalOf(walk.options),
  };
}

/** Rows of which none can be read are another program's answer, and not a time without messages. */
function rowsOf(walk: Walk, call: ApiCall, answer: ApiAnswer, value: unknown): readonly unknown[] {
  const rows = listOf(value);
  const isList = Array.isArray(value) && (rows.length === 0 || rows.some(readStoredMessage));
  if (isList) return rows;
  throw walk.context.caller.failure(
    call,
    "unexpected_answer",
    "the answer has no messages",
    answer,
  );
}

/**
 * Version 1 has no filter by time: its newest messages are asked for, and those of the time kept. Read
 * in its source; never seen on a wire here.
 */
async function newestOfVersion1(walk: Walk, start: number, end: number): Promise<StoredMessages> {
  const limit = 1_000;
  const where = walk.options.chat === undefined ? {} : { key: { remoteJid: walk.options.chat } };
  const call = findCall(walk, { where, limit });
  const answer = await walk.context.caller.json(call);
  // Forks of it wrap the list as version 2 does.
  const wrapped = member(objectAt(answer.value, "messages"), "records");
  const rows = rowsOf(walk, call, answer, wrapped ?? answer.value);
  const all = rows.flatMap((record) => readStoredMessage(record) ?? []);
  const isIn = ({ sentAt }: StoredMessage) =>
    sentAt === undefined || (sentAt >= start * 1000 && sentAt <= end * 1000 + 999);
  const isOlder = ({ sentAt }: StoredMessage) => sentAt !== undefined && sentAt < start * 1000;
  return {
    messages: oldestFirst(all.filter(isIn)),
    untilMs: end * 1000 + 999,
    complete: rows.length < limit || all.some(isOlder),
  };
}

/** Undefined for what has no id: it can neither be recognised nor compared. */
export function readStoredMessage(value: unknown): StoredMessage | undefined {
  const record = objectOf(value);
  const key = objectAt(record, "key");
  const id = idAt(key, "id");
  if (record === undefined || id === undefined) return undefined;
  const seconds = numberOf(member(record, "messageTimestamp"));
  const chat = wordAt(key, "remoteJid");
  const rowId = idAt(record, "id", "_id");
  return {
    id,
    ...(chat === undefined ? {} : { chat }),
    fromMe: flagAt(key, "fromMe"),
    ...(seconds === undefined ? {} : { sentAt: seconds * 1000 }),
    ...(rowId === undefined ? {} : { rowId }),
    record,
  };
}
