import type { ChatSummary, Message } from "@recado/protocol";
import { textOf } from "../following/index-event.ts";

/** Characters of a preview, in Unicode code points. */
const maxPreview = 200;

/** A message as the list of chats shows it. Pure. */
export function lastMessageOf(message: Message, at: number): ChatSummary["lastMessage"] {
  const { id, direction, content, deleted, ack } = message;
  const text = textOf(content);
  return {
    id,
    direction: direction ?? "in",
    at: new Date(at).toISOString(),
    kind: content?.kind ?? "unknown",
    ...(text === undefined ? {} : { text: [...text].slice(0, maxPreview).join("") }),
    ...(deleted ? { deleted: true } : {}),
    ...(ack ? { ack: { status: ack.status, name: ack.name } } : {}),
  };
}
