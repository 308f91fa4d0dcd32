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
 * over pages can miss some. Instead the time is cut into windows that fit into one page each; only a
 * single second with more messages than that is walked in pages.
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
   * False: the server holds more of this part than it can be made to list (version 1, or a single second
   * with thousands); the newest ones were given.
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
}

const path = "/chat/findMessages/:instance";
/** Media may stand inside the rows. */
const maxPageBytes = 64 * 1024 * 1024;
const defaultPageSize = 200;
const maxPagesOfSecond = 50;
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
  const pageSize = Math.min(1_000, Math.max(1, Number.isNaN(size) ? defaultPageSize : size));
  const walk: Walk = { context, instance, options, pageSize };
  const untilMs = options.untilMs ?? context.caller.now() + clockReserveMs;
  const end = Math.min(lastSecond, Math.floor(untilMs / 1000));
  const start = Math.max(0, Math.floor(options.sinceMs / 1000));
  if (!(start <= end)) return;
  if (flavourOf(await context.version()) === "v1") {
    yield await newestOfVersion1(walk, start, end);
    return;
  }
  let from = start;
  let width = end - start;
  while (from <= end) {
    const to = Math.min(end, from + width);
    const page = await pageOrTooLarge(walk, from, to);
    if (page !== undefined && (page.total <= pageSize || from === to)) {
      const part = page.total <= pageSize ? wholeOf(page) : await pagesOfSecond(walk, from, page);
      yield { ...part, untilMs: to * 1000 + 999 };
      from = to + 1;
      // What fitted well may fit when it is wider; a quiet night is one window.
      width = page.total * 4 <= pageSize ? (to - from + 2) * 4 : to - from + 1;
    } else {
      width = narrower(to - from, page?.total, pageSize);
    }
  }
}

/** Always smaller than `width`, which is at least 1 second here. */
function narrower(width: number, total: number | undefined, pageSize: number): number {
  const share = total === undefined ? 0.5 : (pageSize / total) * 0.8;
  return Math.min(width - 1, Math.floor(width * Math.min(0.5, share)));
}

interface Page {
  readonly total: number;
  readonly messages: readonly StoredMessage[];
}

/** Oldest first, each once. */
function wholeOf(page: Page): Omit<StoredMessages, "untilMs"> {
  return { messages: oldestFirst(page.messages), complete: true };
}

/** A second with more messages than a page: its pages one by one, without those that come twice. */
async function pagesOfSecond(
  walk: Walk,
  second: number,
  first: Page,
): Promise<Omit<StoredMessages, "untilMs">> {
  const messages = [...first.messages];
  const pages = Math.min(maxPagesOfSecond, Math.ceil(first.total / walk.pageSize));
  for (let page = 2; page <= pages; page += 1) {
    const next = await pageOf(walk, second, second, page);
    messages.push(...next.messages);
  }
  const found = oldestFirst(messages);
  return { messages: found, complete: found.length >= first.total };
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

/** Undefined when the page is longer than may be read and a narrower window can be asked for. */
async function pageOrTooLarge(walk: Walk, from: number, to: number): Promise<Page | undefined> {
  try {
    return await pageOf(walk, from, to, 1);
  } catch (error) {
    const isTooLong = error instanceof ProviderApiError && error.reason === "incomplete";
    if (isTooLong && from < to) return undefined;
    throw error;
  }
}

async function pageOf(walk: Walk, from: number, to: number, page: number): Promise<Page> {
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
  const messages = records.flatMap((record) => storedMessageOf(record) ?? []);
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
    maxBytes: maxPageBytes,
    // It only reads.
    repeatable: true,
    ...signalOf(walk.options),
  };
}

function rowsOf(walk: Walk, call: ApiCall, answer: ApiAnswer, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return listOf(value);
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
  const rows = rowsOf(walk, call, answer, answer.value);
  const all = rows.flatMap((record) => storedMessageOf(record) ?? []);
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
function storedMessageOf(value: unknown): StoredMessage | undefined {
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
