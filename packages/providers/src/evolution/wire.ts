import type { JsonObject, NormaliseContext } from "../contract.ts";
import { idAt, member, objectAt, objectOf, wordAt } from "../message/index.ts";
import { factHash, once } from "../fact-hash.ts";
import { parseJid, type Jid } from "../jid.ts";
import { knownEventName, type EvolutionEventName } from "./event-names.ts";

/** The envelope of an Evolution webhook, read tolerantly. */
export interface Webhook {
  readonly body: JsonObject;
  /** The event as the body spells it. */
  readonly spelling: string;
  readonly name: EvolutionEventName | undefined;
  readonly data: unknown;
  /** Our own address; absent before the first connection and on channels without Baileys. */
  readonly own: Jid | undefined;
  /**
   * When the server made the event: local wall time with a wrong `Z` behind it. Good for telling two
   * emissions apart, useless as an instant.
   */
  readonly dateTime: string | undefined;
  /** Hash of what the body says, the same for the webhook and the socket's frame of one emission. */
  readonly saidHash: () => string;
}

/** Members that only Evolution puts beside `event`. */
const envelopeMembers = ["instance", "server_url", "date_time", "destination", "apikey", "api_key"];

/** True when the body has the envelope of Evolution API or of its sibling in Go. */
export function isEvolutionBody(body: JsonObject): boolean {
  return typeof body["event"] === "string" && hasEnvelope(body);
}

/** The envelope without its event, which a broken sender may leave out. */
export function hasEnvelope(body: JsonObject): boolean {
  if (isWahaBody(body)) return false;
  return envelopeMembers.some((name) => Object.hasOwn(body, name)) || isEvolutionGoBody(body);
}

/** The sibling in Go: the same idea, other names and message shapes. */
function isEvolutionGoBody(body: JsonObject): boolean {
  return Object.hasOwn(body, "instanceToken") || Object.hasOwn(body, "instanceName");
}

function isWahaBody(body: JsonObject): boolean {
  return (
    Object.hasOwn(body, "session") &&
    (Object.hasOwn(body, "payload") || Object.hasOwn(body, "engine"))
  );
}

/** True for the envelope that is read: the sibling's is recognised, and kept whole. */
export function isReadable(body: JsonObject): boolean {
  return isEvolutionBody(body) && (!isEvolutionGoBody(body) || Object.hasOwn(body, "instance"));
}

/**
 * Members about the way and the server, not about what happened: the socket's frame has no `destination`,
 * and `apikey` is there, null or missing by the server's settings and by which webhook it is.
 */
const aboutTheWay: ReadonlySet<string> = new Set([
  "destination",
  "apikey",
  "api_key",
  "sender",
  "server_url",
]);

/** In a body of another program those members may be what it says: there only its bytes tell. */
function saidHashOf(body: JsonObject, { bodyHash }: NormaliseContext): string {
  if (!isReadable(body) || !Object.hasOwn(body, "data")) return bodyHash;
  return factHash(body, aboutTheWay) ?? bodyHash;
}

export function readWebhook(body: JsonObject, context: NormaliseContext): Webhook {
  const spelling = wordAt(body, "event") ?? "";
  return {
    body,
    spelling,
    name: knownEventName(spelling),
    data: body["data"],
    own: parseJid(body["sender"]),
    dateTime: wordAt(body, "date_time"),
    saidHash: once(() => saidHashOf(body, context)),
  };
}

/** Names are texts; a name of digits may come as a number. An empty one is none. */
export function instanceNameOf(body: JsonObject): string | undefined {
  const instance = member(body, "instance");
  const name =
    idAt(body, "instance") ??
    idAt(objectOf(instance), "instanceName", "name") ??
    idAt(body, "instanceName");
  return name?.normalize("NFC");
}

/**
 * The rows of an event: an array's items, the array inside a wrapping object, or the object itself. The
 * same event comes in all three forms, by version and channel.
 */
export function rowsOf(data: unknown, ...wrappers: readonly string[]): readonly unknown[] {
  if (Array.isArray(data)) return data;
  for (const wrapper of wrappers) {
    const rows = member(data, wrapper);
    if (Array.isArray(rows)) return rows;
  }
  return [data];
}

/** The webhook with the one row of its list as data, for events that are about one thing. */
export function withSoleRow(webhook: Webhook): Webhook {
  const { data } = webhook;
  return Array.isArray(data) && data.length <= 1
    ? { ...webhook, data: data[0] as unknown }
    : webhook;
}

/** The rows of a message event; `documentedMessage` must find the same ones. */
export function messageRows(data: unknown): readonly unknown[] {
  return rowsOf(data, "messages");
}

/** The key of a message row: an object of its own, or flat in the row. */
export function keyOf(row: unknown): JsonObject | undefined {
  return objectAt(row, "key") ?? objectOf(row);
}
