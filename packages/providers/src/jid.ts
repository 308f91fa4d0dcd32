import type { Chat, ChatKind, Contact } from "@recado/protocol";

/** A WhatsApp address, parsed. */
export interface Jid {
  /** Canonical text: device suffix cut, `@c.us` written `@s.whatsapp.net`. */
  readonly id: string;
  readonly user: string;
  readonly server: string;
  readonly kind: ChatKind;
  /** Digits, only for a person's phone address. */
  readonly phone?: string;
  readonly isLid: boolean;
}

const phoneServers = new Set(["s.whatsapp.net", "c.us"]);
/** What no address has in front of its server: another `@`, white space, control characters. */
const notInAnAddress = /[@\s\p{Cc}]/u;
const phoneDigits = /^[0-9]{5,20}$/;

function kindOf(server: string, user: string): ChatKind | undefined {
  switch (server) {
    case "s.whatsapp.net":
    case "lid":
    case "hosted":
    case "hosted.lid":
    // WhatsApp's own assistants, and people on other services: a chat like a person's, without a phone.
    case "bot":
    case "interop":
    case "msgr":
      return "person";
    case "g.us":
      return "group";
    case "newsletter":
      return "newsletter";
    case "broadcast":
      return user === "status" ? "status" : "broadcast";
    default:
      return undefined;
  }
}

/**
 * Parses an address in any spelling met in the wild; undefined for what is none (empty text, no `@`,
 * an unknown server, a non-text). A device suffix (`5511…:12@`, `5511….0:12@`) is not part of a person.
 */
export function parseJid(value: unknown): Jid | undefined {
  if (typeof value !== "string") return undefined;
  const known = parsedJids.get(value);
  if (known !== undefined) return known;
  const jid = readJid(value);
  if (jid !== undefined && value.length <= maxKeptLength) {
    if (parsedJids.size >= maxKept) parsedJids.clear();
    parsedJids.set(value, jid);
  }
  return jid;
}

/** Reading one webhook asks for the same few addresses again and again: what they are is kept, in bounds. */
const parsedJids = new Map<string, Jid>();
const maxKept = 4_096;
const maxKeptLength = 64;

function readJid(value: string): Jid | undefined {
  const at = value.lastIndexOf("@");
  if (at <= 0 || notInAnAddress.test(value.slice(0, at))) return undefined;
  const written = value.slice(at + 1).toLowerCase();
  const server = phoneServers.has(written) ? "s.whatsapp.net" : written;
  let user = value.slice(0, at);
  const kind = kindOf(server, user);
  if (kind === undefined) return undefined;
  if (kind === "person") user = user.replace(/[.:_][0-9:._]*$/, "");
  if (user === "") return undefined;
  const isPhone = server === "s.whatsapp.net" && phoneDigits.test(user);
  return {
    id: `${user}@${server}`,
    user,
    server,
    kind,
    isLid: server === "lid" || server === "hosted.lid",
    ...(isPhone ? { phone: user } : {}),
  };
}

/**
 * One address out of several that name the same person: the phone address when one of them is, since
 * it is the form that survives a provider's upgrade from LID to phone; else the first that parses.
 */
export function preferPhone(...values: readonly unknown[]): Jid | undefined {
  const parsed = values.map(parseJid).filter((jid) => jid !== undefined);
  return parsed.find((jid) => jid.phone !== undefined) ?? parsed[0];
}

/** The chat at an address. */
export function chatAt(jid: Jid): Chat {
  return { id: jid.id, kind: jid.kind };
}

function isOnePerson(people: readonly Jid[], main: Jid): boolean {
  let lid: string | undefined;
  for (const { id, phone, isLid } of people) {
    if (phone !== undefined && phone !== main.phone) return false;
    if (isLid && id !== (lid ??= id)) return false;
  }
  return true;
}

/**
 * The person behind one or more addresses of theirs; undefined when none is a person's. Where the addresses
 * hold two phones or two LIDs, somebody else's is among them: then no LID is said to be the phone's.
 */
export function contactFrom(values: readonly unknown[], name?: unknown): Contact | undefined {
  const people = values.map(parseJid).filter((jid) => jid?.kind === "person") as Jid[];
  const main = people.find((jid) => jid.phone !== undefined) ?? people[0];
  if (main === undefined) return undefined;
  const lid = isOnePerson(people, main) ? people.find((jid) => jid.isLid) : undefined;
  const label = typeof name === "string" && name.trim() !== "" ? name : undefined;
  return {
    jid: main.id,
    ...(lid ? { lid: lid.id } : {}),
    ...(main.phone !== undefined ? { phone: main.phone } : {}),
    ...(label !== undefined ? { name: label } : {}),
  };
}
