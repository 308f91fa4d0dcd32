import type { MessageContent, Quoted } from "@recado/protocol";
import { parseJid } from "../jid.ts";
import {
  compact,
  flagAt,
  firstMember,
  listOf,
  member,
  objectAt,
  textOf,
  wordAt,
} from "./read/members.ts";
import { numberOf } from "./read/numbers.ts";

/** What stands around a content: the message it answers, mentions, forwarding, the ad it came from. */
export type Surroundings = Pick<MessageContent, "quoted" | "mentions" | "forwarded" | "ad">;

type QuotedText = (message: unknown) => string | undefined;

/**
 * Reads one or more `contextInfo` blocks; the first that says something decides. Versions disagree on
 * where the block stands and some put unrelated device metadata in its place, which says nothing here.
 */
export function surroundingsOf(blocks: readonly unknown[], quotedText: QuotedText): Surroundings {
  return compact<Surroundings>({
    quoted: firstOf(blocks, (block) => quotedOf(block, quotedText)),
    mentions: firstOf(blocks, mentionsOf),
    forwarded: firstOf(blocks, forwardedOf),
    ad: firstOf(blocks, adOf),
  });
}

function firstOf<T>(
  blocks: readonly unknown[],
  read: (block: unknown) => T | undefined,
): T | undefined {
  for (const block of blocks) {
    const found = read(block);
    if (found !== undefined) return found;
  }
  return undefined;
}

function addressText(value: unknown): string | undefined {
  return parseJid(value)?.id ?? (textOf(value) || undefined);
}

function quotedOf(block: unknown, quotedText: QuotedText): Quoted | undefined {
  const messageId = wordAt(block, "stanzaId");
  if (messageId === undefined) return undefined;
  const participant = addressText(member(block, "participant"));
  const quotedMessage = objectAt(block, "quotedMessage");
  const text = quotedMessage === undefined ? undefined : quotedText(quotedMessage);
  return compact<Quoted>({ messageId, participant, text });
}

function mentionsOf(block: unknown): string[] | undefined {
  const named = listOf(firstMember(block, "mentionedJid", "mentionedJids"));
  const mentions = named.map(addressText).filter((address) => address !== undefined);
  return mentions.length > 0 ? mentions : undefined;
}

function forwardedOf(block: unknown): true | undefined {
  const score = numberOf(member(block, "forwardingScore")) ?? 0;
  return flagAt(block, "isForwarded") || score > 0 ? true : undefined;
}

const adEntry = /(?:^|_)ads?$/i;

/**
 * Link previews made by bots use the same block, so it is an ad only where something says so. The
 * opaque blobs (`ctwaPayload`, `conversionData`) are never decoded.
 */
function adOf(block: unknown): MessageContent["ad"] | undefined {
  const reply = objectAt(block, "externalAdReply");
  const entry = wordAt(block, "entryPointConversionSource");
  const conversion = wordAt(block, "conversionSource");
  const sourceType = wordAt(reply, "sourceType");
  const sourceId = wordAt(reply, "sourceId");
  const fromReply =
    sourceType !== undefined ||
    sourceId !== undefined ||
    wordAt(reply, "ctwaClid") !== undefined ||
    flagAt(reply, "showAdAttribution");
  if (!fromReply && !adEntry.test(entry ?? "") && !adEntry.test(conversion ?? "")) return undefined;
  return compact<NonNullable<MessageContent["ad"]>>({
    source: entry ?? sourceType ?? conversion,
    title: wordAt(reply, "title"),
    body: wordAt(reply, "body"),
    url: wordAt(reply, "sourceUrl"),
    sourceId,
    app: wordAt(block, "entryPointConversionApp") ?? wordAt(reply, "sourceApp"),
  });
}
