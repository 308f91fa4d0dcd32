import type { MessageEvent } from "@recado/protocol";
import type { JsonObject } from "../contract.ts";
import { findContent, member, objectAt, timeMs, wordAt } from "../message/index.ts";
import { capabilities } from "./capabilities.ts";
import { normalise } from "./normalise.ts";
import { messageRows } from "./wire.ts";

const secretMembers: ReadonlySet<string> = new Set(capabilities.secretMembers);

/** The body's hash has no part in what a message says. */
const noContext = { receivedAt: 0, bodyHash: "" };

/**
 * `whatsapp:message_received` data of the `index`-th draft, in the words of the body, for front ends
 * written against Evolution's own shape.
 */
export function documentedMessage(body: JsonObject, index: number): MessageEvent | undefined {
  const draft = normalise(body, noContext)[index];
  if (draft?.type !== "message.received" && draft?.type !== "message.sent") return undefined;
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

/** Key material travels beside ordinary content; a socket must not carry it on. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !secretMembers.has(name));
  return Object.fromEntries(kept.map(([name, entry]) => [name, withoutSecrets(entry)]));
}
