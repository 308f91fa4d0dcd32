import type { Random } from "../../random.ts";
import type { EvolutionEvent } from "../evolution-webhook.ts";
import { isObject, type Members } from "./complaints.ts";

/** A message in the server's database. */
export interface StoredMessage {
  readonly id: string;
  readonly key: Members;
  readonly pushName: string | null;
  readonly messageType: string;
  readonly message: unknown;
  /** Unix seconds. */
  readonly messageTimestamp: number;
  readonly instanceId: unknown;
  readonly source: string;
  readonly contextInfo: unknown;
  /** Statuses in the order they came. */
  readonly MessageUpdate: readonly { readonly status: string }[];
}

/** A row of `/chat/findStatusMessage`. */
export interface StatusRow {
  readonly id: string;
  readonly keyId: string;
  readonly remoteJid: unknown;
  readonly fromMe: unknown;
  readonly status: string;
  readonly messageId: string;
  readonly instanceId: unknown;
}

/**
 * An instance's messages. Unbounded on purpose: it is the truth that a whole simulated day is compared
 * with, and lives no longer than its server.
 */
export interface MessageList {
  /** In the order in which they were stored. */
  all(): readonly StoredMessage[];
  statuses(): readonly StatusRow[];
  /** Follows an event that the server emitted. */
  follow(event: EvolutionEvent): void;
}

const text = (value: unknown, otherwise: string): string =>
  typeof value === "string" ? value : otherwise;

function stored(id: string, data: Members, storedKey: Members | undefined): StoredMessage {
  return {
    id,
    key: storedKey ?? (isObject(data["key"]) ? data["key"] : {}),
    pushName: typeof data["pushName"] === "string" ? data["pushName"] : null,
    messageType: text(data["messageType"], "unknown"),
    message: data["message"],
    messageTimestamp: Number(data["messageTimestamp"] ?? 0),
    instanceId: data["instanceId"],
    source: text(data["source"], "unknown"),
    contextInfo: data["contextInfo"] ?? null,
    MessageUpdate: [],
  };
}

export function createMessageList(random: Random): MessageList {
  const messages: StoredMessage[] = [];
  const statuses: StatusRow[] = [];
  const rowId = (): string => `cm${random.text("0123456789abcdefghijklmnopqrstuvwxyz", 23)}`;

  /** Changes the latest message of that id, if there is one, and notes the status. */
  function touch(keyId: unknown, status: string, change: Partial<StoredMessage> = {}): void {
    const index = messages.findLastIndex(({ key }) => key["id"] === keyId);
    const message = messages[index];
    if (!message) return;
    messages[index] = {
      ...message,
      ...change,
      MessageUpdate: [...message.MessageUpdate, { status }],
    };
    const { remoteJid, fromMe } = message.key;
    const about = { remoteJid, fromMe, status, messageId: message.id };
    statuses.push({ id: rowId(), keyId: String(keyId), ...about, instanceId: message.instanceId });
  }

  return {
    all: () => messages,
    statuses: () => statuses,
    follow({ event, data, storedKey }) {
      if (!isObject(data)) return;
      const key = isObject(data["key"]) ? data["key"] : undefined;
      switch (event) {
        case "messages.upsert":
        case "send.message":
          messages.push(stored(rowId(), data, storedKey));
          return;
        case "messages.update":
          if (typeof data["status"] === "string") touch(data["keyId"], data["status"]);
          return;
        case "messages.edited":
          // Only an edit replaces the text; other protocol messages arrive under the same event.
          if (data["type"] === "MESSAGE_EDIT" && key) {
            const seconds = Math.floor(Number(data["timestampMs"]) / 1_000);
            const change = { message: data["editedMessage"], messageTimestamp: seconds };
            touch(key["id"], "EDITED", change);
          }
          return;
        case "messages.delete":
          touch(key?.["id"] ?? data["id"], "DELETED");
          return;
        default:
      }
    },
  };
}
