import type { MessageEvent } from "@recado/protocol";
import type { EventDraft, JsonObject } from "../contract.ts";
import { findContent } from "../message/index.ts";
import { capabilities } from "./capabilities.ts";
import { whatsappMessage } from "./engine/whatsapp-message.ts";
import { booleanOf, firstText, isObject, objectAt } from "./wire.ts";

const secrets: ReadonlySet<string> = new Set(capabilities.secretMembers);

/** The message goes to sockets, so key material is taken out of it as it is out of `raw`. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !secrets.has(name))
      .map(([name, member]) => [name, withoutSecrets(member)]),
  );
}

function keyOf(draft: EventDraft, messageId: string): MessageEvent["key"] {
  const chat = draft.chat;
  const author = chat?.kind === "person" ? undefined : draft.contact?.jid;
  return {
    remoteJid: chat?.id ?? "",
    fromMe: draft.fromMe ?? false,
    id: messageId,
    ...(author === undefined ? {} : { participant: author }),
  };
}

/**
 * The documented `whatsapp:message_received` data: the engine's own message where there is one, else one
 * of the same shape. `messageTimestamp` is in seconds, 0 for the rare body that carries no time at all.
 */
export function documentedMessage(
  body: JsonObject,
  _index: number,
  draft: EventDraft,
): MessageEvent | undefined {
  if (draft.type !== "message.received" && draft.type !== "message.sent") return undefined;
  const payload = objectAt(body, "payload");
  const data = objectAt(payload, "_data");
  const message = whatsappMessage(payload);
  const pushName = firstText(
    data["pushName"],
    objectAt(data, "Info")["PushName"],
    data["notifyName"],
  );
  const broadcast = booleanOf(data["broadcast"]);
  return {
    key: keyOf(draft, draft.data.messageId),
    ...(message === undefined ? {} : { message: withoutSecrets(message) }),
    messageType:
      findContent(message)?.name ?? draft.data.content.providerType ?? draft.data.content.kind,
    messageTimestamp: Math.floor((draft.occurredAt ?? 0) / 1000),
    ...(pushName === undefined ? {} : { pushName }),
    ...(broadcast === undefined ? {} : { broadcast }),
  };
}
