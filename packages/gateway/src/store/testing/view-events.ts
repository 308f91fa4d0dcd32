import type { Chat, Contact, EventData, EventType } from "@recado/protocol";
import type { NewEvent, PersonPair } from "../contract/index.ts";
import { dayOne, newEvent } from "./new-records.ts";

/** Events as the door writes them, for tests of what is folded from the log. */

export const maria = "5511900000001@s.whatsapp.net";
export const mariaLid = "120000000000001@lid";
export const joao = "5511900000002@s.whatsapp.net";
export const group = "120363000000000001@g.us";
export const mariaPair: PersonPair = { lid: mariaLid, phone: maria };

export interface Circumstances {
  /** Seconds after the first day; also of the receipt, unless that is said. */
  readonly at?: number;
  readonly receivedAt?: number;
  readonly chat?: string;
  readonly by?: string;
  readonly name?: string;
  readonly fromMe?: boolean;
  readonly instanceId?: string;
  readonly pairs?: readonly PersonPair[];
}

let made = 0;

function chatAt(id: string): Chat {
  return { id, kind: id.endsWith("@g.us") ? "group" : "person" };
}

/** An event of a type with its data; each is an occurrence of its own. */
export function viewEvent<T extends EventType>(
  type: T,
  data: EventData[T],
  circumstances: Circumstances = {},
): NewEvent {
  const { at = made, chat = maria, by, name, fromMe, pairs, instanceId = "ins_1" } = circumstances;
  const id = `evt_view-${(made += 1)}`;
  const occurredAt = dayOne + at * 1_000;
  const receivedAt = dayOne + (circumstances.receivedAt ?? at) * 1_000;
  const jid = by ?? (chat.endsWith("@g.us") ? undefined : chat);
  const contact: Contact | undefined =
    jid === undefined ? undefined : { jid, ...(name ? { name } : {}) };
  const envelope = {
    id,
    type,
    tenantId: "ten_a",
    instance: { id: instanceId, name: "loja", provider: "evolution" },
    occurredAt: new Date(occurredAt).toISOString(),
    receivedAt: new Date(receivedAt).toISOString(),
    chat: chatAt(chat),
    ...(contact ? { contact } : {}),
    ...(fromMe === undefined ? {} : { fromMe }),
    data,
  };
  return newEvent(id, {
    id,
    type,
    instanceId,
    chatId: chat,
    occurredAt,
    receivedAt,
    json: JSON.stringify(envelope),
    ...(fromMe === undefined ? {} : { fromMe }),
    ...(pairs ? { pairs } : {}),
  });
}

export function received(messageId: string, text: string, more: Circumstances = {}): NewEvent {
  return viewEvent(
    "message.received",
    { messageId, content: { kind: "text", text } },
    { fromMe: false, ...more },
  );
}

export function sent(messageId: string, text: string, more: Circumstances = {}): NewEvent {
  return viewEvent(
    "message.sent",
    { messageId, content: { kind: "text", text }, status: 0 },
    { fromMe: true, ...more },
  );
}

export function acked(messageId: string, status: number, more: Circumstances = {}): NewEvent {
  return viewEvent("message.acked", { messageId, status }, { fromMe: true, ...more });
}
