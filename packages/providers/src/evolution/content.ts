import type { MessageContent } from "@recado/protocol";
import { contentOf, member, objectOf, stubContent, wordAt } from "../message/index.ts";

/**
 * What a message row says: its message; where that is missing, what its stub says, else the server's
 * word for what should have been there.
 */
export function rowContent(row: unknown): MessageContent {
  const content = contentOf(member(row, "message"), member(row, "contextInfo"));
  if (content.kind !== "unknown" || !content.unavailable || content.viewOnce) return content;
  const word = wordAt(row, "messageType");
  const sent = sentMedia(member(row, "message"), word);
  if (sent !== undefined) return sent;
  const stub = member(row, "messageStubType");
  const said = stub === undefined ? content : stubContent(stub);
  return said.providerType !== undefined || word === undefined || word === "unknown"
    ? said
    : { ...said, providerType: word };
}

const mediaWord = /^(?:image|video|audio|document|sticker)Message$/;

/**
 * What the EVOLUTION channel sends as media is a message of nothing but the link to the file, or of
 * null in its place; only the row's word tells an image from a document.
 */
function sentMedia(message: unknown, word: string | undefined): MessageContent | undefined {
  const owner = objectOf(message);
  if (owner === undefined || word === undefined || !mediaWord.test(word)) return undefined;
  if (!Object.hasOwn(owner, "mediaUrl") && !Object.hasOwn(owner, "base64")) return undefined;
  const content = contentOf({ ...owner, [word]: {} });
  const isThere = content.media?.url !== undefined || content.media?.inline !== undefined;
  return isThere ? content : { ...content, unavailable: true };
}
