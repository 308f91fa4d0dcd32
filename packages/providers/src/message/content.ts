import type { MessageContent } from "@recado/protocol";
import { contentTable, readContent } from "./content-table.ts";
import { surroundingsOf } from "./context-info.ts";
import { isUnreachable } from "./media.ts";
import { member, objectOf } from "./read/members.ts";
import { leadingContent, type LeadingContent } from "./unwrap.ts";

/**
 * What a WhatsApp message says.
 *
 * Owns: the way from protobuf-shaped JSON, in the spelling of any library, to `MessageContent`. Must
 * not know: which provider sent it, who wrote it, where.
 *
 * I1 Judged by content: the provider's own word for the type is never asked.
 * I2 Total: any JSON gives a content; what is not understood is `unknown`, what is missing is
 *    `unavailable`.
 * I3 Nothing is invented: a field is there only when the message has it.
 * Proven by `content.test.ts`.
 */

const viewOnceWrapper = /^viewonce/i;

export const absentContent: MessageContent = { kind: "unknown", unavailable: true };

/** Finds the content inside `message`, through any wrapper. */
export function findContent(message: unknown): LeadingContent | undefined {
  return leadingContent(message, (name) => contentTable.has(name));
}

/**
 * Reads a message. `extraContextInfo` is a `contextInfo` that stands beside the message instead of in
 * its content; the content's own comes first.
 */
export function contentOf(message: unknown, extraContextInfo?: unknown): MessageContent {
  const found = findContent(message);
  if (found === undefined) return absentAs(message);
  const blocks = [
    member(found.value, "contextInfo"),
    ...found.levels.map((level) => member(level, "contextInfo")),
    extraContextInfo,
  ].filter((block) => objectOf(block) !== undefined);
  return { ...bareContent(found), ...surroundingsOf(blocks, quotedText) };
}

/** A view-once message can arrive as its empty wrapper. */
function absentAs(message: unknown): MessageContent {
  const isViewOnce = Object.keys(objectOf(message) ?? {}).some((name) =>
    viewOnceWrapper.test(name),
  );
  return isViewOnce ? { ...absentContent, viewOnce: true } : absentContent;
}

/** The content without what stands around it. */
function bareContent(found: LeadingContent): MessageContent {
  const content = readContent(found.name, found);
  const viewOnce = content.viewOnce ?? found.wrappers.some((name) => viewOnceWrapper.test(name));
  if (!viewOnce) return content;
  const isGone = content.media !== undefined && isUnreachable(found.value, content.media);
  return { ...content, viewOnce: true, ...(isGone ? { unavailable: true as const } : {}) };
}

function quotedText(message: unknown): string | undefined {
  const found = leadingContent(message, (name) => contentTable.has(name));
  if (found === undefined) return undefined;
  const content = readContent(found.name, { value: found.value, levels: [] });
  return content.text ?? content.caption;
}
