import type { ApiCall } from "../../../api/index.ts";
import { parseJid } from "../../../jid.ts";
import { compact, listOf, member, objectAt, wordAt } from "../../../message/index.ts";
import { signalOf, type CallOptions, type EvolutionContext } from "../context.ts";

/** One row of the server's contacts: a person, a group or another chat. */
export interface EvolutionContact {
  readonly jid: string;
  readonly kind: "person" | "group" | "newsletter" | "status" | "broadcast";
  /** Digits, only where WhatsApp says them. */
  readonly phone?: string;
  readonly lid?: string;
  /** A made-up name (the address's digits, `Você`) is left out. */
  readonly name?: string;
  readonly pictureUrl?: string;
}

/** Two addresses of one person. */
export interface LidPair {
  readonly lid: string;
  /** `…@s.whatsapp.net` */
  readonly jid: string;
  readonly phone: string;
}

/** 50,000 contacts are about 20 MB. */
const maxListBytes = 64 * 1024 * 1024;

async function contactRows(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<readonly unknown[]> {
  const call: ApiCall = {
    method: "POST",
    path: "/chat/findContacts/:instance",
    parts: { instance },
    body: {},
    timeoutMs: context.caller.timeoutMs * 2,
    maxBytes: maxListBytes,
    // It only reads.
    repeatable: true,
    ...signalOf(options),
  };
  const answer = await context.caller.json(call);
  const rows = listOf(answer.value);
  const isList = Array.isArray(answer.value) && (rows.length === 0 || rows.some(isRow));
  if (isList) return rows;
  throw context.caller.failure(
    call,
    "unexpected_answer",
    "the answer is not a list of contacts",
    answer,
  );
}

function isRow(value: unknown): boolean {
  return wordAt(value, "remoteJid", "id") !== undefined;
}

function contactOf(row: unknown): EvolutionContact | undefined {
  // Version 1 calls the address `id`, which is a row's own id in version 2.
  const jid = parseJid(wordAt(row, "remoteJid")) ?? parseJid(wordAt(row, "id"));
  if (jid === undefined) return undefined;
  const pair = lidPairOf(row);
  const name = wordAt(row, "pushName", "name")?.trim();
  const isMadeUp = name === undefined || name === "" || name === jid.user || name === "Você";
  return compact<EvolutionContact>({
    jid: jid.id,
    kind: jid.kind,
    phone: jid.phone ?? pair?.phone,
    lid: jid.isLid ? jid.id : pair?.lid,
    name: isMadeUp ? undefined : name,
    pictureUrl: wordAt(row, "profilePicUrl", "profilePictureUrl"),
  });
}

/** Every contact that the server stored; rows without an address are left out. */
export async function contacts(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<readonly EvolutionContact[]> {
  return (await contactRows(context, instance, options)).flatMap((row) => contactOf(row) ?? []);
}

/**
 * Pairs of LID and phone that the stored contacts hold. Most rows have one address only; more pairs are
 * in the keys of messages, see {@link lidPairOf}.
 */
export async function lidPairs(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<readonly LidPair[]> {
  const rows = await contactRows(context, instance, options);
  const pairs = rows.flatMap((row) => lidPairOf(row) ?? []);
  return [...new Map(pairs.map((pair) => [pair.lid, pair])).values()];
}

/** Members that stand for one person, pair by pair: chat and chat, writer and writer. */
const sameOne: readonly (readonly string[])[] = [
  ["participant", "participantAlt", "participantPn", "participantLid"],
  ["remoteJid", "remoteJidAlt", "previousRemoteJid", "jid", "lid", "phoneNumber"],
];

/**
 * The LID and the phone of one person where a row or a message's `key` holds both; nothing is ever
 * concluded from digits. `senderPn` and `senderLid` are the writer's, so they count only in a group or
 * for what we did not write.
 */
export function lidPairOf(row: unknown): LidPair | undefined {
  const key = objectAt(row, "key") ?? row;
  const own = member(key, "fromMe") === true;
  const [participants = [], chats = []] = sameOne;
  const writer = own ? [] : ["senderPn", "senderLid"];
  const isGroup = parseJid(wordAt(key, "remoteJid"))?.kind === "group";
  const people = isGroup ? [[...participants, ...writer]] : [[...chats, ...writer], participants];
  for (const names of people) {
    const found = names.map((name) => parseJid(member(key, name)));
    const lid = found.find((jid) => jid?.isLid);
    const phone = found.find((jid) => jid?.phone !== undefined);
    if (lid !== undefined && phone?.phone !== undefined) {
      return { lid: lid.id, jid: phone.id, phone: phone.phone };
    }
  }
  return undefined;
}
