import {
  eventTypes,
  matchesType,
  parseCursor,
  type eventRoutes,
  type Parsed,
} from "@recado/protocol";
import { parseJid } from "@recado/providers";
import { RecadoError } from "../../base/recado-error.ts";
import type { EventFilter } from "../../store/contract/index.ts";
import { readCursor, type ListPlace } from "../lists/cursors.ts";
import { definedOnly } from "../present.ts";

export type EventQuery = Parsed<typeof eventRoutes.list, "query">;

/** Where a page of events begins: before an offset (newest first) or after one (oldest first). */
export type EventStart = Pick<EventFilter, "before" | "after">;

/**
 * Reads `after`: the cursor of a page before, or a position in the log as sockets hand it out. Pure.
 * Throws `cursor_invalid` for another tenant's, an older log's or a broken one.
 */
export function eventStart(
  place: ListPlace,
  text: string | undefined,
  cursorOf: (tenantId: string, offset: number) => string,
): EventStart {
  if (text === undefined) return {};
  const position = parseCursor(text);
  if (position) {
    if (cursorOf(place.tenantId, position.offset) !== text) throw new RecadoError("cursor_invalid");
    return { after: position.offset };
  }
  const before = readCursor(place, text);
  if (typeof before !== "number") throw new RecadoError("cursor_invalid");
  return { before };
}

/** The store's filter behind a query; pages and instances come from elsewhere. Pure. */
export function eventFilter(query: EventQuery): Omit<EventFilter, "limit"> {
  const { type, chat, phone, messageId, direction, unrecognised, since, until } = query;
  return definedOnly({
    types:
      type && eventTypes.filter((known) => type.some((pattern) => matchesType(pattern, known))),
    // However it was spelt: `@c.us` and device suffixes are not how addresses are stored.
    chatId: chat === undefined ? undefined : (parseJid(chat)?.id ?? chat),
    phone: phone?.replace(/\D/g, ""),
    messageId,
    fromMe: direction === undefined ? undefined : direction === "out",
    unrecognised,
    since,
    until,
  });
}
