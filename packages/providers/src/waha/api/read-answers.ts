import type { ConnectionReason, ConnectionState, Contact } from "@recado/protocol";
import { contactFrom, parseJid } from "../../jid.ts";
import { timeMs } from "../../message/index.ts";
import { firstText, isObject, objectAt, objectOf, textOf, wordOf } from "../wire.ts";
import { viewOfWahaWebhook, webhooksIn, type WahaWebhook } from "./webhooks/webhook-list.ts";

/**
 * What WAHA's answers say, in our own words. Every reader is tolerant: odd and missing members are left
 * out; undefined is returned only for what says nothing at all.
 */

/** The version of a server, as `GET /api/server/version` tells it. */
export interface WahaServer {
  readonly provider: "waha";
  /** `2026.2.1` */
  readonly version: string;
  /** The engine of new sessions: NOWEB, GOWS, WEBJS, WPP. */
  readonly engine?: string;
  /** CORE is the free edition; since 2026.6.1 both can do the same. */
  readonly tier?: string;
  readonly browser?: string;
  readonly platform?: string;
  /** Since 2026.1.4. */
  readonly workerId?: string;
}

/** One session, without the keys of its webhooks. */
export interface WahaSession {
  readonly name: string;
  /** WAHA's own word; unknown ones exist. */
  readonly status: string;
  readonly state: ConnectionState;
  /** Why it is closed, as far as the status says. */
  readonly reason?: ConnectionReason;
  /** Whose number it is; absent before login, and while stopped. */
  readonly account?: Contact;
  /** Absent in lists and while stopped. */
  readonly engine?: string;
  /** NOWEB keeps no messages, chats and contacts unless this is true; the other engines need no setting. */
  readonly keepsMessages: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly webhooks: readonly WahaWebhook[];
  /** When it last did something, Unix milliseconds (since 2025.12 by documentation). */
  readonly activeAt?: number;
}

const states: Readonly<Record<string, ConnectionState>> = {
  WORKING: "open",
  STOPPED: "close",
  FAILED: "close",
};

/** Any word that no version used yet says at least that the session is not working. */
export function stateOfStatus(status: string): ConnectionState {
  return states[status] ?? "connecting";
}

const reasons: Readonly<Record<string, ConnectionReason>> = {
  STOPPED: "stopped",
  FAILED: "failed",
};

export function readServer(value: unknown): WahaServer | undefined {
  if (!isObject(value)) return undefined;
  const version = textOf(value["version"]);
  // Evolution has a version too; it says neither of these.
  if (version === undefined || !("engine" in value || "tier" in value)) return undefined;
  const engine = textOf(value["engine"]);
  const tier = textOf(value["tier"]);
  const browser = textOf(value["browser"]);
  const platform = textOf(value["platform"]);
  const workerId = wordOf(objectAt(value, "worker")["id"]);
  return {
    provider: "waha",
    version,
    ...(engine === undefined ? {} : { engine }),
    ...(tier === undefined ? {} : { tier }),
    ...(browser === undefined ? {} : { browser }),
    ...(platform === undefined ? {} : { platform }),
    ...(workerId === undefined ? {} : { workerId }),
  };
}

/** The account of `me`: `{id, pushName, lid?, jid?}`, null before login. */
export function readAccount(me: unknown): Contact | undefined {
  if (!isObject(me)) return undefined;
  return contactFrom([me["id"], me["jid"], me["lid"]], me["pushName"]);
}

function metadataOf(config: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(objectAt(config, "metadata")).flatMap(([name, value]) => {
    const text = wordOf(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries(entries);
}

export function readSession(value: unknown): WahaSession | undefined {
  if (!isObject(value)) return undefined;
  const name = wordOf(value["name"]);
  if (name === undefined) return undefined;
  const status = textOf(value["status"]) ?? "UNKNOWN";
  const reason = reasons[status];
  const account = readAccount(value["me"]);
  const engine = firstText(objectAt(value, "engine")["engine"], value["engine"]);
  const config = value["config"];
  const activeAt = timeMs(objectAt(value, "timestamps")["activity"]);
  return {
    name,
    status,
    state: stateOfStatus(status),
    ...(reason === undefined ? {} : { reason }),
    ...(account === undefined ? {} : { account }),
    ...(engine === undefined ? {} : { engine }),
    keepsMessages: objectAt(objectAt(config, "noweb"), "store")["enabled"] === true,
    metadata: metadataOf(config),
    webhooks: webhooksIn(config).map(viewOfWahaWebhook),
    ...(activeAt === undefined ? {} : { activeAt }),
  };
}

/**
 * What can be read of a list; undefined when it is none, or when it has entries of which none can be
 * read: that is another program's answer, and not an empty list.
 */
export function readList<T>(
  value: unknown,
  read: (entry: unknown) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = value.map(read).filter((entry) => entry !== undefined);
  return found.length === 0 && value.length > 0 ? undefined : found;
}

/** The same of a list that NOWEB writes as an object by id. */
export function readListOrMap<T>(
  value: unknown,
  read: (entry: unknown) => T | undefined,
): readonly T[] | undefined {
  return readList(isObject(value) ? Object.values(value) : value, read);
}

/** A person or a group in a session's contact list. */
export interface WahaContact {
  /** Canonical address: `@c.us` is written `@s.whatsapp.net`. */
  readonly jid: string;
  readonly phone?: string;
  readonly lid?: string;
  /** As it stands in the phone's contact list. */
  readonly name?: string;
  /** As the person calls themself. */
  readonly pushName?: string;
}

export function readContact(value: unknown): WahaContact | undefined {
  if (!isObject(value)) return undefined;
  const person = contactFrom([value["id"], value["lid"], value["phoneNumber"], value["pn"]]);
  const jid = person?.jid ?? parseJid(value["id"])?.id;
  if (jid === undefined) return undefined;
  const name = firstText(value["name"], value["shortName"]);
  const pushName = firstText(value["pushname"], value["pushName"], value["notify"]);
  return {
    jid,
    ...(person?.phone === undefined ? {} : { phone: person.phone }),
    ...(person?.lid === undefined ? {} : { lid: person.lid }),
    ...(name === undefined ? {} : { name }),
    ...(pushName === undefined ? {} : { pushName }),
  };
}

/** A LID and the phone address behind it, as far as the session has learnt it from its traffic. */
export interface WahaLid {
  /** `…@lid`; absent when the phone's LID is unknown. */
  readonly lid?: string;
  /** `…@s.whatsapp.net`; absent when the LID's phone is unknown. */
  readonly jid?: string;
  readonly phone?: string;
}

export function readLid(value: unknown): WahaLid | undefined {
  if (!isObject(value) || !("lid" in value || "pn" in value)) return undefined;
  const lid = parseJid(value["lid"]);
  const person = parseJid(value["pn"]);
  return {
    ...(lid?.isLid === true ? { lid: lid.id } : {}),
    ...(person?.phone === undefined ? {} : { jid: person.id, phone: person.phone }),
  };
}

/** `{code}` of a pairing code, or `{value}` of a raw QR code. */
export function readCode(value: unknown): string | undefined {
  return textOf(objectOf(value)["code"]) ?? textOf(objectOf(value)["value"]);
}

const imageType = /^image\/(?:png|jpeg|webp|gif)$/;

/** A data URL of an image; undefined for another type, or for text that is no base64. */
export function imageDataUrl(mimetype: unknown, data: unknown): string | undefined {
  const type = textOf(mimetype)?.split(";")[0]?.trim().toLowerCase() ?? "";
  const base64 = textOf(data)?.trim() ?? "";
  if (!imageType.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  return `data:${type};base64,${base64}`;
}

/** A chat of a session. */
export interface WahaChat {
  /** Canonical address. */
  readonly id: string;
  readonly name?: string;
  /** Of its last message, Unix milliseconds. */
  readonly lastMessageAt?: number;
}

export function readChat(value: unknown): WahaChat | undefined {
  if (!isObject(value)) return undefined;
  const id = parseJid(firstText(value["id"], objectAt(value, "id")["_serialized"], value["jid"]));
  if (id === undefined) return undefined;
  const name = firstText(value["name"], value["subject"]);
  const lastMessageAt = timeMs(
    value["conversationTimestamp"] ??
      value["timestamp"] ??
      objectAt(value, "lastMessage")["timestamp"],
  );
  return {
    id: id.id,
    ...(name === undefined ? {} : { name }),
    ...(lastMessageAt === undefined ? {} : { lastMessageAt }),
  };
}
