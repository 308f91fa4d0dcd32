import { parseJid, type Jid } from "../jid.ts";

/**
 * WAHA's composed message id: `{fromMe}_{chat}_{waId}[_{participant}]`.
 *
 * `waId` is WhatsApp's own id and the only stable part: the chat flips between `@c.us` and `@lid` for one
 * message (recorded), and the prefix is wrong in some old bodies.
 */
export interface MessageRef {
  readonly waId: string;
  readonly fromMe: boolean;
  readonly chat: Jid;
  readonly participant?: Jid;
}

/** Parses from the left, since no chat address contains `_`; undefined when a piece is missing. */
export function parseMessageRef(value: unknown): MessageRef | undefined {
  if (typeof value !== "string") return undefined;
  const [prefix, address, waId, ...rest] = value.split("_");
  if ((prefix !== "true" && prefix !== "false") || waId === undefined || waId === "")
    return undefined;
  const chat = parseJid(address);
  if (chat === undefined) return undefined;
  const participant = parseJid(rest.join("_"));
  return { waId, fromMe: prefix === "true", chat, ...(participant ? { participant } : {}) };
}

const brokenRef = /^(?:true|false)_|[@\s]/;

/** WhatsApp's own id in either spelling: composed or bare. A malformed composed id is none. */
export function waIdOf(value: unknown): string | undefined {
  const composed = parseMessageRef(value);
  if (composed !== undefined) return composed.waId;
  return typeof value === "string" && value !== "" && !brokenRef.test(value) ? value : undefined;
}
