import type { EvolutionStoredMessage, JsonObject } from "@recado/providers";

/**
 * Stored rows of Evolution as the webhook bodies that they once were, so that they are read, and recognised,
 * like those.
 *
 * A row has no `status`; `MessageUpdate` lists the ones that came. Its key may have the LID where the webhook
 * showed the phone (2.3.7, by source).
 */

export interface BodyOrigin {
  readonly instance: string;
  /** Own address, as the webhooks say it; absent before the first connection. */
  readonly sender?: string;
  /** Whether the server's version marks deletions and nothing else as deleted. */
  readonly tellsDeletions: boolean;
}

/** The message, then what was said of its delivery, the least of it first, then its deletion. */
export function bodiesOf(
  origin: BodyOrigin,
  message: EvolutionStoredMessage,
): readonly JsonObject[] {
  const key = shownKey(objectOf(message.record["key"]) ?? {});
  return [
    messageBody(origin, message, key),
    ...stateBodies(origin, message, key),
    ...(origin.tellsDeletions && isMarkedDeleted(message)
      ? [deletionBody(origin, message, key)]
      : []),
  ];
}

/** Only from 2.3.5 on does the mark mean a deletion: before, an edit left the same one. */
export function isMarkedDeleted({ record }: EvolutionStoredMessage): boolean {
  return wordsOf(record["MessageUpdate"]).includes("DELETED");
}

/** Members of a webhook's data in its own order; `id` and `MessageUpdate` are the database's. */
const webhookMembers = [
  "pushName",
  "message",
  "contextInfo",
  "messageType",
  "messageTimestamp",
  "instanceId",
  "source",
] as const;

function messageBody(
  origin: BodyOrigin,
  { record, sentAt }: EvolutionStoredMessage,
  key: JsonObject,
): JsonObject {
  const data: Record<string, unknown> = { key };
  for (const name of webhookMembers) {
    const value = record[name];
    if (value !== undefined && value !== null) data[name] = value;
  }
  const event = isChannelSend(key) ? "send.message" : "messages.upsert";
  return envelope(origin, event, data, sentAt);
}

const bareNumber = /^\d{8,15}$/;

/** The EVOLUTION channel keeps the number as the API was given it, and only in what it sent (recorded). */
function isChannelSend(key: JsonObject): boolean {
  const remote = key["remoteJid"];
  return key["fromMe"] === true && typeof remote === "string" && bareNumber.test(remote);
}

/** What comes after which, and what is worth a body of its own. */
const rank: Readonly<Record<string, number>> = {
  ERROR: 0,
  FAILED: 0,
  SERVER_ACK: 1,
  SENT: 1,
  DELIVERY_ACK: 2,
  DELIVERED: 2,
  READ: 3,
  PLAYED: 4,
};
/** Of a contact's message only that we read it is news; the rest are fillers. */
const lowestOfIncoming = 3;

function stateBodies(
  origin: BodyOrigin,
  { id, rowId, sentAt, record }: EvolutionStoredMessage,
  key: JsonObject,
): readonly JsonObject[] {
  const { remoteJid } = key;
  const fromMe = key["fromMe"] === true;
  // In groups a status is one reader's, and the row does not say whose.
  if (typeof remoteJid === "string" && remoteJid.endsWith("@g.us")) return [];
  return statusesOf(record["MessageUpdate"])
    .filter((status) => fromMe || (rank[status] ?? 0) >= lowestOfIncoming)
    .map((status) => {
      const data = {
        keyId: id,
        ...(remoteJid === undefined ? {} : { remoteJid }),
        fromMe,
        status,
        ...(record["instanceId"] === undefined ? {} : { instanceId: record["instanceId"] }),
        ...(rowId === undefined ? {} : { messageId: rowId }),
      };
      return envelope(origin, "messages.update", data, sentAt);
    });
}

function statusesOf(updates: unknown): readonly string[] {
  const known = wordsOf(updates).filter((word) => rank[word] !== undefined);
  return known.toSorted((one, other) => (rank[one] ?? 0) - (rank[other] ?? 0));
}

/** The statuses of a row, each once. */
function wordsOf(updates: unknown): readonly string[] {
  const rows: readonly unknown[] = Array.isArray(updates) ? updates : [];
  const words = rows.map((row) => objectOf(row)?.["status"]);
  return [...new Set(words.filter((word) => typeof word === "string"))];
}

function deletionBody(
  origin: BodyOrigin,
  { sentAt, record }: EvolutionStoredMessage,
  key: JsonObject,
): JsonObject {
  const { instanceId } = record;
  const about = { status: "DELETED", ...(instanceId === undefined ? {} : { instanceId }) };
  return envelope(origin, "messages.delete", { ...key, ...about }, sentAt);
}

function envelope(
  { instance, sender }: BodyOrigin,
  event: string,
  data: JsonObject,
  sentAt: number | undefined,
): JsonObject {
  return {
    event,
    instance,
    data,
    ...(sentAt === undefined ? {} : { date_time: new Date(sentAt).toISOString() }),
    ...(sender === undefined ? {} : { sender }),
  };
}

const isLid = (value: unknown): boolean => typeof value === "string" && value.endsWith("@lid");
const isPhone = (value: unknown): value is string =>
  typeof value === "string" && value.endsWith("@s.whatsapp.net");

/** The phone in front where the row knows both addresses, as webhooks have it; the LID stays beside it. */
function shownKey(key: JsonObject): JsonObject {
  const { remoteJid } = key;
  if (!isLid(remoteJid)) return key;
  const phone = [key["remoteJidAlt"], key["previousRemoteJid"], otherSide(key)].find(isPhone);
  return phone === undefined ? key : { ...key, remoteJid: phone, remoteJidAlt: remoteJid };
}

/** 2.3.0 says the sender's phone; of what we wrote that is our own. */
function otherSide(key: JsonObject): unknown {
  return key["fromMe"] === true ? undefined : key["senderPn"];
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
