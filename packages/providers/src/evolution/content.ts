import { createHash } from "node:crypto";
import type { MessageContent } from "@recado/protocol";
import { contentOf, member, stubContent, wordAt } from "../message/index.ts";

/**
 * What a message row says: its message; where that is missing, what its stub says, else the server's
 * word for what should have been there.
 */
export function rowContent(row: unknown): MessageContent {
  const content = contentOf(member(row, "message"), member(row, "contextInfo"));
  if (content.kind !== "unknown" || !content.unavailable || content.viewOnce) return content;
  const stub = member(row, "messageStubType");
  const said = stub === undefined ? content : stubContent(stub);
  const word = wordAt(row, "messageType");
  return said.providerType !== undefined || word === undefined || word === "unknown"
    ? said
    : { ...said, providerType: word };
}

/** A short hash of a JSON value: tells two changes of one message apart. */
export function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex")
    .slice(0, 32);
}
