import type { ApiCall, ApiCaller } from "../../api/index.ts";
import type { JsonObject } from "../../contract.ts";
import { timeMs } from "../../message/index.ts";
import { parseMessageRef, waIdOf } from "../engine/message-ref.ts";
import { booleanOf, isObject, textOf } from "../wire.ts";
import { readList } from "./read-answers.ts";

/**
 * Messages of a span of time, page by page, out of what WAHA keeps.
 *
 * Facts (2026.2.1 recorded): times are whole seconds, both ends inclusive; the default order is newest
 * first, `sortOrder=asc` turns it; `downloadMedia` is true unless it is said, and then fetches every file
 * again; bodies show the latest edit; `chats/all` exists on NOWEB and GOWS only, and NOWEB keeps nothing
 * without `config.noweb.store.enabled`. A page may be shorter than asked although more follow, since
 * WAHA leaves out what it cannot show after counting.
 */

/** One message as WAHA keeps it: the payload that a `message.any` webhook would have had. */
export interface WahaMessageRecord {
  /** WAHA's composed id; its chat flips between phone and LID, see {@link waId}. */
  readonly id: string;
  /** WhatsApp's own id. */
  readonly waId?: string;
  /** Canonical address of the chat. */
  readonly chatId?: string;
  readonly fromMe: boolean;
  /** Unix milliseconds, of whole seconds. */
  readonly sentAt: number;
  readonly raw: JsonObject;
}

export interface WahaMessageSpan {
  /** Unix milliseconds; the second in which it lies belongs to the span. */
  readonly sinceMs: number;
  /** Likewise. Messages that arrive meanwhile should lie behind it, or pages would shift. */
  readonly untilMs: number;
  /** One chat, or `all`, which only NOWEB and GOWS have. Default `all`. */
  readonly chatId?: string;
  /** Where an earlier call ended ({@link WahaMessages.nextOffset}). */
  readonly offset?: number;
  /** Rounded up to whole pages of 100, at least two. Default 2,000. */
  readonly maxMessages?: number;
  readonly signal?: AbortSignal;
}

export interface WahaMessages {
  /** Oldest first; of one second in the order of WAHA's answer. Each message once. */
  readonly records: readonly WahaMessageRecord[];
  /** Present when more may follow: ask again with it. */
  readonly nextOffset?: number;
}

/** Messages of a page. */
export const messagesPerPage = 100;
/** A second page shows whether the server knows `offset` at all. */
const fewestPages = 2;
const maxPageBytes = 32 * 1024 * 1024;
const defaultMaxMessages = 2_000;
const pageTimeoutMs = 30_000;

export function readMessage(value: unknown): WahaMessageRecord | undefined {
  if (!isObject(value)) return undefined;
  const ref = parseMessageRef(value["id"]);
  const id = textOf(value["id"]);
  const sentAt = timeMs(value["timestamp"]);
  if (id === undefined || sentAt === undefined) return undefined;
  const waId = waIdOf(id);
  return {
    id,
    ...(waId === undefined ? {} : { waId }),
    ...(ref === undefined ? {} : { chatId: ref.chat.id }),
    fromMe: booleanOf(value["fromMe"]) ?? ref?.fromMe ?? false,
    sentAt,
    raw: value,
  };
}

/** Old versions do not know `sortOrder`: their answer is turned round, so that one second keeps its order. */
function oldestFirst(records: readonly WahaMessageRecord[]): readonly WahaMessageRecord[] {
  const first = records[0]?.sentAt ?? 0;
  const last = records.at(-1)?.sentAt ?? 0;
  const inOrder = first > last ? records.toReversed() : records;
  return inOrder.toSorted((left, right) => left.sentAt - right.sentAt);
}

/** Adds what a page brings; false for a page of messages that were all there already. */
function addPage(found: Map<string, WahaMessageRecord>, page: readonly unknown[]): boolean {
  const read = readList(page, readMessage) ?? [];
  const news = read.filter(({ id }) => !found.has(id));
  for (const record of news) found.set(record.id, record);
  return news.length > 0;
}

/**
 * Collects a span of messages. Old versions know neither filter nor offset nor order: what lies outside
 * the span is left out here, and a page that brings nothing new ends the walk.
 *
 * Rejects with `feature_off` where NOWEB keeps no messages, `not_supported` where the engine has no
 * `chats/all`, `wrong_state` while the session is not running.
 */
export async function messagesSince(
  caller: ApiCaller,
  session: string,
  span: WahaMessageSpan,
): Promise<WahaMessages> {
  const from = Math.floor(span.sinceMs / 1000);
  const to = Math.floor(span.untilMs / 1000);
  const found = new Map<string, WahaMessageRecord>();
  const wanted = Math.ceil((span.maxMessages ?? defaultMaxMessages) / messagesPerPage);
  let offset = span.offset ?? 0;
  let ended = from > to;
  for (let page = 0; page < Math.max(fewestPages, wanted) && !ended; page += 1) {
    const list = await messagePage(caller, session, span, { from, to, offset });
    offset += messagesPerPage;
    ended = list.length === 0 || !addPage(found, list);
  }
  const records = oldestFirst([...found.values()]).filter(
    ({ sentAt }) => sentAt >= from * 1000 && sentAt < (to + 1) * 1000,
  );
  return ended ? { records } : { records, nextOffset: offset };
}

async function messagePage(
  caller: ApiCaller,
  session: string,
  span: WahaMessageSpan,
  at: { readonly from: number; readonly to: number; readonly offset: number },
): Promise<readonly unknown[]> {
  const call: ApiCall = {
    method: "GET",
    path: "/api/:session/chats/:chat/messages",
    parts: { session, chat: span.chatId ?? "all" },
    query: {
      limit: messagesPerPage,
      offset: at.offset,
      downloadMedia: false,
      sortOrder: "asc",
      "filter.timestamp.gte": at.from,
      "filter.timestamp.lte": at.to,
    },
    timeoutMs: pageTimeoutMs,
    maxBytes: maxPageBytes,
    ...(span.signal === undefined ? {} : { signal: span.signal }),
  };
  if (!Number.isFinite(at.from) || !Number.isFinite(at.to))
    throw caller.failure(call, "invalid_request", "the span of time is not one");
  const answer = await caller.json(call);
  const { value } = answer;
  // A page of which nothing can be read would otherwise pass for a time without messages.
  if (Array.isArray(value) && readList(value, readMessage) !== undefined)
    return value as readonly unknown[];
  throw caller.failure(call, "unexpected_answer", "the answer is not a list of messages", answer);
}
