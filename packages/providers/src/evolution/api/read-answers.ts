import { parseJid } from "../../jid.ts";
import {
  compact,
  countOf,
  firstMember,
  flagAt,
  idAt,
  integerOf,
  listOf,
  member,
  objectAt,
  objectOf,
  textOf,
  timeMs,
  wordAt,
} from "../../message/index.ts";

/** The three states of a connection; `unknown` for any other word, and for none. */
export type EvolutionState = "open" | "connecting" | "close" | "unknown";

/** Why an instance was last disconnected, as its row keeps it. */
export interface EvolutionDisconnection {
  /** WhatsApp's or the library's number: 401 logged out, 403 banned, 428 closed. */
  readonly code?: number;
  /** Unix milliseconds. */
  readonly at?: number;
  readonly reason?: string;
}

/** One instance of the server's list. */
export interface EvolutionInstance {
  /** Any text, the empty one too; an instance without a name cannot be called, only listed. */
  readonly name: string;
  readonly id?: string;
  /** As the database has it; `state` of the running server may be fresher. */
  readonly state: EvolutionState;
  /** The server's own word. */
  readonly providerState?: string;
  readonly ownerJid?: string;
  /** Digits, only where WhatsApp says them. */
  readonly phone?: string;
  readonly profileName?: string;
  readonly pictureUrl?: string;
  /** `WHATSAPP-BAILEYS`, `WHATSAPP-BUSINESS` or `EVOLUTION`; absent on 1.x. */
  readonly integration?: string;
  /** The number that was given when the instance was made. */
  readonly number?: string;
  readonly disconnection?: EvolutionDisconnection;
  readonly counts?: {
    readonly messages?: number;
    readonly contacts?: number;
    readonly chats?: number;
  };
  /** Whether the instance's own socket is switched on; absent when it was never set. */
  readonly websocketEnabled?: boolean;
  /** Unix milliseconds. */
  readonly createdAt?: number;
  /** Secret; only where it was asked for. */
  readonly token?: string;
}

/** The server's word for a state, and ours. */
export function stateOf(word: unknown): EvolutionState {
  switch (typeof word === "string" ? word.toLowerCase() : undefined) {
    case "open":
    case "connected":
      return "open";
    case "connecting":
      return "connecting";
    case "close":
    case "closed":
    case "refused":
    case "created":
      return "close";
    case undefined:
    default:
      return "unknown";
  }
}

/** These are true UTC (recorded), also where a fork leaves the zone out. */
function timeOf(value: unknown): number | undefined {
  return timeMs(value) ?? (typeof value === "string" ? timeMs(`${value}Z`) : undefined);
}

/**
 * The reason in words: the library's error is kept as JSON, as text or as an object, with the message
 * at its top or in its payload.
 */
function reasonOf(value: unknown): string | undefined {
  let object = objectOf(value);
  if (object === undefined && typeof value === "string") {
    try {
      object = objectOf(JSON.parse(value));
    } catch {
      return value.slice(0, 200);
    }
  }
  const error = objectAt(object, "error") ?? object;
  const payload = objectAt(objectAt(error, "output"), "payload");
  return (wordAt(error, "message") ?? wordAt(payload, "message", "error"))?.slice(0, 200);
}

function disconnectionOf(row: unknown): EvolutionDisconnection | undefined {
  const found = compact<EvolutionDisconnection>({
    code: integerOf(member(row, "disconnectionReasonCode")),
    at: timeOf(member(row, "disconnectionAt")),
    reason: reasonOf(member(row, "disconnectionObject")),
  });
  return Object.keys(found).length === 0 ? undefined : found;
}

function countsOf(row: unknown): EvolutionInstance["counts"] {
  const counts = objectAt(row, "_count");
  if (counts === undefined) return undefined;
  return compact({
    messages: countOf(member(counts, "Message")),
    contacts: countOf(member(counts, "Contact")),
    chats: countOf(member(counts, "Chat")),
  });
}

/**
 * One row of `fetchInstances`; version 1 wraps it in `instance` and has other names. Undefined for what
 * has neither name nor id.
 */
export function readInstance(value: unknown, withToken: boolean): EvolutionInstance | undefined {
  const row = objectAt(value, "instance") ?? objectOf(value);
  // Forks write names of digits as numbers; an empty name counts.
  const nameValue = firstMember(row, "name", "instanceName");
  const name = typeof nameValue === "number" ? String(nameValue) : textOf(nameValue);
  const id = idAt(row, "id", "instanceId");
  if (name === undefined && id === undefined) return undefined;
  const word = firstMember(row, "connectionStatus", "status", "state");
  const owner = parseJid(firstMember(row, "ownerJid", "owner"));
  const socket = objectAt(row, "Websocket");
  return compact<EvolutionInstance>({
    name: name ?? "",
    id,
    state: stateOf(word),
    providerState: textOf(word),
    ownerJid: owner?.id,
    phone: owner?.phone,
    profileName: wordAt(row, "profileName"),
    pictureUrl: wordAt(row, "profilePicUrl", "profilePictureUrl"),
    integration: wordAt(row, "integration"),
    number: idAt(row, "number"),
    disconnection: disconnectionOf(row),
    counts: countsOf(row),
    websocketEnabled: socket === undefined ? undefined : flagAt(socket, "enabled"),
    createdAt: timeOf(member(row, "createdAt")),
    token: withToken ? wordAt(row, "token", "apikey") : undefined,
  });
}

/**
 * Every row that can be read; one that cannot is left out, its neighbours stay. Undefined for what is
 * neither a list nor an instance, and for rows of which none can be read.
 */
export function readInstances(
  value: unknown,
  withToken: boolean,
): readonly EvolutionInstance[] | undefined {
  const rows = Array.isArray(value) ? listOf(value) : [value];
  const found = rows.flatMap((row) => readInstance(row, withToken) ?? []);
  return found.length === 0 && rows.length > 0 ? undefined : found;
}

/** What connecting led to. */
export type EvolutionConnection =
  /** Connected already. */
  | { readonly kind: "open" }
  /** A code to be scanned or typed in. It lasts about 40 s; asking again gives the newest. */
  | {
      readonly kind: "code";
      /** The text inside the QR code. */
      readonly code?: string;
      /** The QR code as a `data:` URL of an image. */
      readonly image?: string;
      /** Only when a phone number was given. */
      readonly pairingCode?: string;
      /** How many codes were made; the server stops at its limit. */
      readonly attempts: number;
    }
  /** No code yet: ask again in a few seconds. */
  | { readonly kind: "waiting"; readonly attempts: number; readonly state: EvolutionState };

/** An image of this length at most is passed on; a real one has about 12,000 characters. */
const maxImageText = 1_000_000;
const maxCodeText = 4_000;

function imageOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || text === "" || text.length > maxImageText) return undefined;
  if (/^data:image\/(?:png|jpeg|svg\+xml);base64,[A-Za-z0-9+/=]+$/.test(text)) return text;
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? `data:image/png;base64,${text}` : undefined;
}

const connectionMembers = ["instance", "qrcode", "count", "code", "base64", "pairingCode"];

/**
 * Reads the answer of `connect`, of `restart`, and the `qrcode` of `create`. Undefined for what has none
 * of their members.
 */
export function readConnection(value: unknown): EvolutionConnection | undefined {
  const instance = objectAt(value, "instance");
  const qrcode = objectAt(value, "qrcode") ?? objectOf(value);
  const object = objectOf(value) ?? {};
  if (!connectionMembers.some((name) => Object.hasOwn(object, name))) return undefined;
  const state = stateOf(firstMember(instance, "state", "status"));
  if (state === "open") return { kind: "open" };
  const attempts = countOf(member(qrcode, "count")) ?? 0;
  const code = wordAt(qrcode, "code")?.slice(0, maxCodeText);
  const image = imageOf(member(qrcode, "base64"));
  const pairingCode = wordAt(qrcode, "pairingCode")?.slice(0, maxCodeText);
  if (code === undefined && image === undefined && pairingCode === undefined) {
    return { kind: "waiting", attempts, state };
  }
  return {
    kind: "code",
    attempts,
    ...compact<{ code?: string; image?: string; pairingCode?: string }>({
      code,
      image,
      pairingCode,
    }),
  };
}

/** The instance's token in the answer of `create`: a text, on 1.x inside an object. */
export function readToken(value: unknown): string | undefined {
  return wordAt(value, "hash") ?? wordAt(objectAt(value, "hash"), "apikey", "jwt");
}
