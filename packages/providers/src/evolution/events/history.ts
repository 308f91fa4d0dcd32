import type { EventDraft } from "../../contract.ts";
import { countOf, listOf, member, numberOf, objectOf } from "../../message/index.ts";
import { boundToBody, unread } from "../draft.ts";
import { rowsOf, type Webhook } from "../wire.ts";

/**
 * Bulk sets, sent while a number's history is copied after pairing: one event a body, whatever the
 * number of rows; the rows stay in `raw` and never pass for live messages.
 */
export function historyDrafts(webhook: Webhook): readonly EventDraft[] {
  const { name, data, body } = webhook;
  if (name === "messaging-history.set") return [totalsDraft(webhook)];
  const kind = name === "contacts.set" ? "contacts" : name === "chats.set" ? "chats" : "messages";
  if (objectOf(data) === undefined && !Array.isArray(data))
    return [unread(webhook, 0, "missing_data")];
  return [draft(webhook, { kind, count: rowsOf(data, kind).length, ...progressOf(body) })];
}

/** 2.4 says how much there was once everything is copied. */
function totalsDraft(webhook: Webhook): EventDraft {
  const { data } = webhook;
  const counts = ["messageCount", "chatCount", "contactCount"].map((name) =>
    countOf(member(data, name)),
  );
  const known = counts.filter((count) => count !== undefined);
  if (known.length === 0) {
    const rows = listOf(member(data, "messages"));
    if (objectOf(data) === undefined) return unread(webhook, 0, "missing_data");
    return draft(webhook, { kind: "messages", count: rows.length, ...progressOf(data) });
  }
  return draft(webhook, { kind: "totals", count: counts[0] ?? 0, ...progressOf(data) });
}

type HistoryData = Extract<EventDraft, { type: "history.synced" }>["data"];

function draft(webhook: Webhook, data: HistoryData): EventDraft {
  return { type: "history.synced", identity: boundToBody(webhook, 0), data };
}

function progressOf(owner: unknown): Pick<HistoryData, "progress" | "isLatest"> {
  const progress = numberOf(member(owner, "progress"));
  const isLatest = member(owner, "isLatest");
  return {
    ...(progress === undefined ? {} : { progress }),
    ...(typeof isLatest === "boolean" ? { isLatest } : {}),
  };
}
