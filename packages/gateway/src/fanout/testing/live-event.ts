import type {
  EventData,
  EventInstance,
  EventType,
  MessageEvent,
  RecadoEvent,
} from "@recado/protocol";
import { v7 } from "uuid";
import type { LiveEvent } from "../../log/live.ts";

/** An event as the log hands it to live readers right after its commit. */
export function liveEvent<T extends EventType>(given: {
  readonly type: T;
  readonly data: EventData[T];
  readonly tenantId?: string;
  readonly offset?: number;
  readonly instance?: EventInstance | undefined;
  readonly more?: Partial<RecadoEvent>;
  readonly message?: MessageEvent;
}): LiveEvent {
  const { type, data, tenantId = "tenant_a", offset = 1, instance = vendas, more, message } = given;
  const id = `evt_${v7()}`;
  const draft = {
    id,
    type,
    tenantId,
    ...("instance" in given && given.instance === undefined ? {} : { instance }),
    occurredAt: "2025-10-07T23:30:00.000Z",
    receivedAt: "2025-10-07T23:30:01.000Z",
    ...more,
    data,
  };
  return {
    stored: {
      tenantId,
      offset,
      id,
      type,
      index: 0,
      receivedAt: Date.parse(draft.receivedAt),
      json: `{"offset":${offset},${JSON.stringify(draft).slice(1)}`,
    },
    event: { offset, ...draft } as unknown as RecadoEvent,
    documentedMessage: () => message,
  };
}

export const vendas: EventInstance = {
  id: "inst_vendas",
  name: "vendas-2024",
  provider: "evolution",
};
export const suporte: EventInstance = { id: "inst_suporte", name: "suporte", provider: "waha" };

/** A received text message. */
export function message(
  text: string,
  given: Partial<Parameters<typeof liveEvent>[0]> = {},
): LiveEvent {
  const id = `3EB0${text.length}`;
  return liveEvent({
    ...given,
    type: "message.received",
    data: { messageId: id, content: { kind: "text", text } },
    message: documentedText(id, text),
  });
}

export function documentedText(id: string, text: string): MessageEvent {
  return {
    key: { remoteJid: "5511999990000@s.whatsapp.net", fromMe: false, id },
    message: { conversation: text },
    messageType: "conversation",
    messageTimestamp: 1_759_879_800,
    pushName: "Ana",
  };
}
