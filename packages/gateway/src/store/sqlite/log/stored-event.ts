import type { StoredEvent } from "../../contract/index.ts";

/** An event with its whole JSON; a stored row is read by `StoredRows`. */
export interface StoredEventRow {
  readonly offset: number;
  readonly id: string;
  readonly type: string;
  readonly instance: string | null;
  readonly chat: string | null;
  readonly body: number | null;
  readonly body_index: number;
  readonly received_at: number;
  readonly json: string;
}

export function storedEvent(tenantId: string, row: StoredEventRow): StoredEvent {
  const event: { -readonly [Member in keyof StoredEvent]: StoredEvent[Member] } = {
    tenantId,
    offset: row.offset,
    id: row.id,
    type: row.type,
    index: row.body_index,
    receivedAt: row.received_at,
    json: row.json,
  };
  if (row.instance !== null) event.instanceId = row.instance;
  if (row.chat !== null) event.chatId = row.chat;
  if (row.body !== null) event.bodyId = row.body;
  return event;
}
