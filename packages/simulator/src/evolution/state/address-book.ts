import type { Random } from "../../random.ts";
import type { EvolutionEvent } from "../evolution-webhook.ts";
import { isObject, type Members } from "./complaints.ts";
import type { StoredMessage } from "./message-list.ts";

/** A row of `/chat/findContacts`. */
export interface ContactRow {
  readonly id: string;
  readonly remoteJid: string;
  readonly pushName: string | null;
  readonly profilePicUrl: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly instanceId: unknown;
  readonly isGroup: boolean;
  readonly isSaved: boolean;
  readonly type: "group" | "contact" | "group_member";
}

export interface ChatRow {
  readonly remoteJid: string;
  readonly createdAt: string;
}

/** Whom an instance knows and has chats with. */
export interface AddressBook {
  contacts(): readonly ContactRow[];
  chats(): readonly ChatRow[];
  /** Follows an event that the server emitted. `now` is ISO 8601. */
  follow(event: EvolutionEvent, now: string): void;
}

const textOr = (value: unknown, otherwise: string | null): string | null =>
  typeof value === "string" && value !== "" ? value : otherwise;

function contactRow(
  id: string,
  data: Members,
  previous: ContactRow | undefined,
  now: string,
): ContactRow {
  const remoteJid = String(data["remoteJid"]);
  const isGroup = remoteJid.endsWith("@g.us");
  const pushName = textOr(data["pushName"], previous?.pushName ?? null);
  const profilePicUrl = textOr(data["profilePicUrl"], previous?.profilePicUrl ?? null);
  const isSaved = pushName !== null || profilePicUrl !== null;
  return {
    id: previous?.id ?? id,
    remoteJid,
    pushName,
    profilePicUrl,
    createdAt: previous?.createdAt ?? now,
    updatedAt: now,
    instanceId: data["instanceId"],
    isGroup,
    isSaved,
    type: isGroup ? "group" : isSaved ? "contact" : "group_member",
  };
}

export function createAddressBook(random: Random): AddressBook {
  const contacts = new Map<string, ContactRow>();
  const chats = new Map<string, ChatRow>();
  const rowId = (): string => `cm${random.text("0123456789abcdefghijklmnopqrstuvwxyz", 23)}`;

  return {
    contacts: () => [...contacts.values()],
    chats: () => [...chats.values()],
    follow({ event, data, storedKey }, now) {
      if (event === "messages.upsert" && isObject(data)) {
        // A message makes its chat, also where the server says nothing of it.
        const key = storedKey ?? (isObject(data["key"]) ? data["key"] : {});
        const { remoteJid } = key;
        if (typeof remoteJid === "string" && !chats.has(remoteJid))
          chats.set(remoteJid, { remoteJid, createdAt: now });
      }
      const rows = (Array.isArray(data) ? data : [data]).filter(isObject);
      for (const row of rows) {
        const { remoteJid } = row;
        if (typeof remoteJid !== "string") continue;
        if (event === "contacts.upsert" || event === "contacts.update")
          contacts.set(remoteJid, contactRow(rowId(), row, contacts.get(remoteJid), now));
        if (event === "chats.upsert") chats.set(remoteJid, { remoteJid, createdAt: now });
      }
      if (event === "chats.delete" && Array.isArray(data))
        for (const remoteJid of data) chats.delete(String(remoteJid));
    },
  };
}

const day = 86_400_000;

/** The rows of `/chat/findChats`: one per chat that has messages, newest first. `now` is Unix milliseconds. */
export function chatRows(
  messages: readonly StoredMessage[],
  book: AddressBook,
  now: number,
): readonly Readonly<Record<string, unknown>>[] {
  const last = new Map<unknown, StoredMessage>();
  for (const message of messages) {
    const { remoteJid } = message.key;
    const previous = last.get(remoteJid);
    if (!previous || message.messageTimestamp >= previous.messageTimestamp)
      last.set(remoteJid, message);
  }
  // Chats of one second come in the order of their addresses, as the real query leaves them (recorded).
  return [...last]
    .toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1))
    .map(([, message]) => message)
    .toSorted((one, other) => other.messageTimestamp - one.messageTimestamp)
    .map((message) => chatRow(message, book, now));
}

function chatRow(
  message: StoredMessage,
  book: AddressBook,
  now: number,
): Readonly<Record<string, unknown>> {
  const remoteJid = String(message.key["remoteJid"]);
  const contact = book.contacts().find((row) => row.remoteJid === remoteJid);
  const chat = book.chats().find((row) => row.remoteJid === remoteJid);
  const expires = chat && Date.parse(chat.createdAt) + day;
  const { MessageUpdate, ...row } = message;
  return {
    id: contact?.id ?? null,
    remoteJid,
    pushName: null,
    profilePicUrl: contact?.profilePicUrl ?? null,
    updatedAt: new Date(message.messageTimestamp * 1_000).toISOString(),
    windowStart: chat?.createdAt ?? null,
    windowExpires: expires === undefined ? null : new Date(expires).toISOString(),
    windowActive: expires !== undefined && expires > now,
    lastMessage: {
      ...row,
      pushName: message.key["fromMe"] === true ? "Você" : message.pushName,
      participant: message.key["participant"] ?? null,
      sessionId: null,
      status: MessageUpdate.at(-1)?.status ?? null,
    },
    unreadCount: chat ? 0 : null,
    isSaved: contact?.isSaved ?? false,
  };
}
