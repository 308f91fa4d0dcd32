import { readMessageId } from "../mailbox/message-id.ts";
import { isData } from "../mailbox/stored-message.ts";
import type { WahaConfig } from "./session-config.ts";

const endings = {
  groups: "@g.us",
  channels: "@newsletter",
  broadcast: "@broadcast",
} as const;

/** Whether `config.ignore` drops an event at its source: by the chat that its payload is about. */
export function isIgnored(config: WahaConfig | null | undefined, payload: unknown): boolean {
  const ignore = config?.["ignore"];
  const id = isData(payload) ? payload["id"] : undefined;
  if (!isData(ignore) || typeof id !== "string") return false;
  const chat = readMessageId(id)?.chatId ?? id;
  if (chat === "status@broadcast") return ignore["status"] === true;
  return Object.entries(endings).some(
    ([name, ending]) => ignore[name] === true && chat.endsWith(ending),
  );
}
