import type { AddressPair, EventDraft } from "../../contract.ts";
import { countOf, listOf, member, numberOf, objectOf } from "../../message/index.ts";
import { pairFrom } from "../../pairs.ts";
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
  const rows = rowsOf(data, kind);
  const said = { kind, count: rows.length, ...progressOf(body) } as const;
  const pairs = pairsIn(rows);
  return [{ ...draft(webhook, said), ...(pairs.length === 0 ? {} : { pairs }) }];
}

/** A contact's or chat's two addresses, or those in a message's key. */
const pairedMembers = [
  ["remoteJid", "remoteJidAlt"],
  ["participant", "participantAlt"],
  ["id", "lid"],
  ["id", "phoneNumber"],
  ["jid", "lid"],
  ["lid", "phoneNumber"],
  ["id", "pnJid"],
  ["id", "lidJid"],
] as const;

/** Most pairs that one bulk set teaches; a set is written in one commit. */
const maxPairs = 2_000;

function pairsIn(rows: readonly unknown[]): readonly AddressPair[] {
  const pairs = new Map<string, AddressPair>();
  for (const row of rows) {
    const owner = member(row, "key") ?? row;
    for (const [one, other] of pairedMembers) {
      const pair = pairFrom(member(owner, one), member(owner, other));
      if (pair !== undefined && pairs.size < maxPairs) pairs.set(pair.lid, pair);
    }
  }
  return [...pairs.values()];
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
