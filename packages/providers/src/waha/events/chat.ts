import type { EventDraft } from "../../contract.ts";
import { chatAt, contactFrom, parseJid } from "../../jid.ts";
import { booleanOf, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent } from "../draft.ts";

/** `chat.archive` (WEBJS): a chat was put into the archive or taken out of it. */
export function chatArchiveDrafts(event: WahaEvent): readonly EventDraft[] {
  const chat = parseJid(event.payload["id"]);
  if (chat === undefined)
    return [providerEvent(event, "missing_chat", "chat.archive without a chat")];
  const archived = booleanOf(event.payload["archived"]);
  const contact = contactFrom([chat.id]);
  return [
    {
      type: "chat.updated",
      identity: envelopeIdentity(event),
      ...occurred(event, event.payload["timestamp"]),
      chat: chatAt(chat),
      ...(contact === undefined ? {} : { contact }),
      data: archived === undefined ? {} : { archived },
    },
  ];
}
