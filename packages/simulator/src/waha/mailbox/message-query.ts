import { readChatId } from "./message-id.ts";
import { ackNames, type StoredMessage } from "./stored-message.ts";

/** The query of the message lists, its checks and what it selects. Pure. */
export interface MessageQuery {
  readonly limit: number;
  readonly offset: number;
  readonly downloadMedia: boolean;
  readonly ascending: boolean;
  /** Unix seconds, inclusive. */
  readonly from: number;
  readonly until: number;
  readonly fromMe?: boolean;
  readonly ack?: number;
}

/** Complaints in WAHA's words; empty when it takes the query. */
export function complaintsAboutQuery(query: URLSearchParams): readonly string[] {
  const numbers = ["limit", "offset", "filter.timestamp.gte", "filter.timestamp.lte"];
  const found = numbers
    .filter((name) => query.has(name) && Number.isNaN(Number(query.get(name))))
    .map((name) => `${name} must be a number conforming to the specified constraints`);
  const ack = query.get("filter.ack");
  if (ack !== null && !(ackNames as readonly string[]).includes(ack)) {
    found.push(`filter.ack must be one of the following values: ${ackNames.join(", ")}`);
  }
  return found;
}

/** Reads a query without complaints. Defaults: ten, newest first, with media. */
export function readMessageQuery(query: URLSearchParams): MessageQuery {
  const number = (name: string, otherwise: number): number =>
    query.has(name) ? Number(query.get(name)) : otherwise;
  const fromMe = query.get("filter.fromMe");
  const ack = (ackNames as readonly (string | null)[]).indexOf(query.get("filter.ack"));
  return {
    limit: number("limit", 10),
    offset: number("offset", 0),
    downloadMedia: query.get("downloadMedia") !== "false",
    ascending: query.get("sortOrder") === "asc",
    from: number("filter.timestamp.gte", Number.NEGATIVE_INFINITY),
    until: number("filter.timestamp.lte", Number.POSITIVE_INFINITY),
    ...(fromMe === null ? {} : { fromMe: fromMe === "true" }),
    ...(ack < 0 ? {} : { ack: ack - 1 }),
  };
}

/** The page that `query` asks for; chat `all` means every chat. */
export function selectMessages(
  messages: readonly StoredMessage[],
  chat: string,
  { limit, offset, ascending, from, until, fromMe, ack }: MessageQuery,
): readonly StoredMessage[] {
  const chatId = readChatId(chat);
  const chosen = messages.filter(
    (message) =>
      (chat === "all" || message.chatId === chatId) &&
      message.timestamp >= from &&
      message.timestamp <= until &&
      (fromMe === undefined || message.fromMe === fromMe) &&
      (ack === undefined || message.payload["ack"] === ack),
  );
  const sorted = chosen.toSorted((left, right) => left.timestamp - right.timestamp);
  if (!ascending) sorted.reverse();
  return sorted.slice(offset, offset + limit);
}
