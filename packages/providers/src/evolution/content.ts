import { createHash } from "node:crypto";
import type { MessageContent } from "@recado/protocol";
import { contentOf, firstMember, member, objectOf, stubContent } from "../message/index.ts";

/** What a message row says: its message, else what its stub says about the missing one. */
export function rowContent(row: unknown): MessageContent {
  const message = objectOf(member(row, "message"));
  const content = contentOf(message, member(row, "contextInfo"));
  const stub = firstMember(row, "messageStubType");
  return content.unavailable && content.viewOnce === undefined && stub !== undefined
    ? stubContent(stub)
    : content;
}

/** A short hash of a JSON value: tells two changes of one message apart. */
export function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex")
    .slice(0, 32);
}
