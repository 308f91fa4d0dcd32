/** A message id as WAHA writes it: `{fromMe}_{chatId}_{id}[_{participant}]`. */
export interface MessageId {
  readonly fromMe: boolean;
  readonly chatId: string;
  /** The bare id: the only part that stays the same when the chat turns from phone to LID. */
  readonly id: string;
  readonly participant?: string;
}

/** Reads from the left: neither chat ids nor bare ids contain `_`. Undefined for a bare id. */
export function readMessageId(text: string): MessageId | undefined {
  const [fromMe, chatId, id, ...participant] = text.split("_");
  if ((fromMe !== "true" && fromMe !== "false") || !chatId || !id) return undefined;
  const head = { fromMe: fromMe === "true", chatId, id };
  return participant.length > 0 ? { ...head, participant: participant.join("_") } : head;
}

/** A chat id as WAHA takes it: without a suffix it is a phone, and the engine's own suffix is read too. */
export function readChatId(text: string): string {
  if (!text.includes("@")) return `${text}@c.us`;
  return text.replace(/@s\.whatsapp\.net$/, "@c.us");
}

/** The engine's spelling of a chat id. */
export const engineJid = (chatId: string): string => chatId.replace(/@c\.us$/, "@s.whatsapp.net");
