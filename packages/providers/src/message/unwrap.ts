import type { JsonObject } from "../contract.ts";
import { objectAt, objectOf } from "./read/members.ts";

/**
 * Finds the content inside a WhatsApp message.
 *
 * A message is an object whose members are its possible contents; exactly one matters. Around it stand
 * wrappers (`ephemeralMessage`, `viewOnceMessageV2`, `deviceSentMessage`, `editedMessage`, every
 * future-proof type): each is an object with a `message` inside, so that unseen wrappers open too.
 */

/** Deeper nesting is nobody's message. */
const maxDepth = 16;

/** Members that accompany a content and never are one (lower case). */
const companions: ReadonlySet<string> = new Set([
  "messagecontextinfo",
  "contextinfo",
  "senderkeydistributionmessage",
  "fastratchetkeysenderkeydistributionmessage",
  "base64",
  "mediaurl",
  "speechtotext",
]);

/** The content of a message and the way to it. */
export interface LeadingContent {
  /** The provider's spelling of the content's name, for example `imageMessage`. */
  readonly name: string;
  readonly value: unknown;
  /** The messages opened on the way, outermost first. */
  readonly levels: readonly JsonObject[];
  /** Names of the wrappers opened, outermost first. */
  readonly wrappers: readonly string[];
}

/** What a message leads to; undefined when it holds nothing beside its companions. */
export function leadingContent(
  message: unknown,
  isKnown: (lowerCaseName: string) => boolean = () => false,
): LeadingContent | undefined {
  const levels: JsonObject[] = [];
  const wrappers: string[] = [];
  let current = objectOf(message);
  while (current !== undefined && levels.length < maxDepth) {
    levels.push(current);
    const found = choose(current, isKnown);
    if (found === undefined) return undefined;
    const [name, value] = found;
    const inner = objectAt(value, "message");
    if (inner === undefined) return { name, value, levels, wrappers };
    wrappers.push(name);
    current = inner;
  }
  return undefined;
}

/**
 * A known content before a wrapper before anything else; `conversation` last among the known, because
 * some libraries write its empty default beside the real content.
 */
function choose(
  message: JsonObject,
  isKnown: (lowerCaseName: string) => boolean,
): readonly [string, unknown] | undefined {
  let best: readonly [string, unknown] | undefined;
  let bestRank = 0;
  for (const [name, value] of Object.entries(message)) {
    const lower = name.toLowerCase();
    if (value === null || value === undefined || companions.has(lower)) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    const rank = rankOf(lower, value, isKnown);
    if (rank > bestRank) {
      best = [name, value];
      bestRank = rank;
    }
  }
  return best;
}

function rankOf(lower: string, value: unknown, isKnown: (name: string) => boolean): number {
  if (lower === "conversation") return typeof value === "string" ? 2 : 0;
  const object = objectOf(value);
  if (object === undefined) return 0;
  if (isKnown(lower)) return 5;
  if (objectAt(object, "message") !== undefined) return 4;
  return Object.keys(object).length > 0 ? 3 : 1;
}
