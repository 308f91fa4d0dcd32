import { parseJid, type Jid } from "../../jid.ts";
import { booleanOf, isObject } from "../wire.ts";

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

/** An address as text, or as WhatsApp Web's own object, whose members were renamed more than once. */
export function parseAddress(value: unknown): Jid | undefined {
  if (!isObject(value)) return parseJid(value);
  const whole = parseJid(value["_serialized"]);
  const user = value["user"];
  const server = value["server"];
  if (whole !== undefined || typeof user !== "string" || typeof server !== "string") return whole;
  return parseJid(`${user}@${server}`);
}

function refOf(
  fromMe: unknown,
  address: unknown,
  waId: unknown,
  author: unknown,
): MessageRef | undefined {
  const chat = parseAddress(address);
  if (chat === undefined || typeof waId !== "string" || waId === "") return undefined;
  const participant = parseAddress(author);
  return {
    waId,
    fromMe: booleanOf(fromMe) ?? false,
    chat,
    ...(participant ? { participant } : {}),
  };
}

/**
 * Parses a composed id from the left, since no chat address contains `_`, or WhatsApp Web's object of the
 * same parts. Undefined when a part is missing.
 */
export function parseMessageRef(value: unknown): MessageRef | undefined {
  if (isObject(value)) {
    return refOf(value["fromMe"], value["remote"], value["id"], value["participant"]);
  }
  if (typeof value !== "string") return undefined;
  const [prefix, address, waId, ...rest] = value.split("_");
  if (prefix !== "true" && prefix !== "false") return undefined;
  return refOf(prefix === "true", address, waId, rest.join("_"));
}

const brokenRef = /^(?:true|false)_|[@\s]/;

/** WhatsApp's own id in either spelling: composed or bare. A malformed composed id is none. */
export function waIdOf(value: unknown): string | undefined {
  const composed = parseMessageRef(value);
  if (composed !== undefined) return composed.waId;
  return typeof value === "string" && value !== "" && !brokenRef.test(value) ? value : undefined;
}
