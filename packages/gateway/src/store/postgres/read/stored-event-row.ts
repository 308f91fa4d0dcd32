import type { StoredEvent } from "../../contract/index.ts";
import { fromStoredText } from "../stored-text.ts";

/** An event as {@link StoredEvent} needs it; texts as they are stored. */
export interface StoredEventRow {
  readonly tenant: string;
  readonly offset: number;
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly instance: string | null;
  readonly chat: string | null;
  readonly body: number | null;
  readonly body_index: number;
  readonly received_at: number;
  readonly json: string;
}

export function storedEventOf(row: StoredEventRow): StoredEvent {
  return {
    tenantId: fromStoredText(row.tenant),
    offset: row.offset,
    id: fromStoredText(row.id),
    type: fromStoredText(row.type),
    ...(row.instance === null ? {} : { instanceId: fromStoredText(row.instance) }),
    ...(row.chat === null ? {} : { chatId: fromStoredText(row.chat) }),
    ...(row.body === null ? {} : { bodyId: row.body }),
    index: row.body_index,
    receivedAt: row.received_at,
    json: fromStoredText(row.json),
  };
}
