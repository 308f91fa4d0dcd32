import type { MessageEvent } from "@recado/protocol";
import type { EventDraft, JsonObject } from "../contract.ts";
import { findContent, member, objectAt, timeMs, wordAt } from "../message/index.ts";
import { capabilities } from "./capabilities.ts";
import { messageRows } from "./wire.ts";

const secretMembers: ReadonlySet<string> = new Set(capabilities.secretMembers);

/**
 * `whatsapp:message_received` data of the `index`-th draft, in the words of the body, for front ends
 * written against Evolution's own shape.
 */
export function documentedMessage(
  body: JsonObject,
  index: number,
  draft: EventDraft,
): MessageEvent | undefined {
  if (draft.type !== "message.received" && draft.type !== "message.sent") return undefined;
  const row = messageRows(body["data"])[index];
  const key = objectAt(row, "key");
  const message = member(row, "message");
  const participant = wordAt(key, "participant");
  const pushName = wordAt(row, "pushName");
  const broadcast = member(row, "broadcast");
  const sentAt = draft.occurredAt ?? timeMs(body["date_time"]) ?? 0;
  return {
    key: {
      remoteJid: remoteJidOf(key, draft.chat?.id),
      fromMe: draft.fromMe ?? false,
      id: draft.data.messageId,
      ...(participant === undefined ? {} : { participant }),
    },
    ...(message === undefined ? {} : { message: withoutSecrets(message) }),
    messageType: wordAt(row, "messageType") ?? findContent(message)?.name ?? "unknown",
    messageTimestamp: Math.floor(sentAt / 1000),
    ...(pushName === undefined ? {} : { pushName }),
    ...(typeof broadcast === "boolean" ? { broadcast } : {}),
  };
}

/** As the body says it; where that is a bare number, the chat's address. */
function remoteJidOf(key: unknown, chatId: string | undefined): string {
  const said = wordAt(key, "remoteJid");
  return said?.includes("@") ? said : (chatId ?? said ?? "");
}

/** Key material travels beside ordinary content; a socket must not carry it on. Copies only where it does. */
function withoutSecrets(value: unknown): unknown {
  if (!holdsSecret(value)) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  const kept = Object.entries(value as JsonObject).filter(([name]) => !secretMembers.has(name));
  return Object.fromEntries(kept.map(([name, entry]) => [name, withoutSecrets(entry)]));
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsSecret);
  for (const [name, entry] of Object.entries(value)) {
    if (secretMembers.has(name) || holdsSecret(entry)) return true;
  }
  return false;
}
