import { type MessageId, readMessageId } from "./message-id.ts";

/** A message as the engine's store keeps it and as the message lists show it. */

export type Data = Readonly<Record<string, unknown>>;

export interface StoredMessage extends MessageId {
  /** The list form, with `media` null. */
  readonly payload: Data;
  /** Unix seconds. */
  readonly timestamp: number;
  /** What a download says when it fails; the picture itself otherwise made on demand. */
  readonly downloadError?: unknown;
}

export const isData = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Members that are bytes, by the names that the engine's protocol gives them. */
const bytesKey =
  /(?:Sha256|KeyHash|[mM]essageSecret|^mediaKey|[tT]humbnail|waveform|Sidecar|encPayload|encIv)$/;
/** Members that are 64-bit numbers. */
const longKey = /(?:Timestamp|TimestampMs|Length|Time|1000)$/;

/**
 * The engine's message as its store gives it back: bytes as `{type: "Buffer"}` and long numbers as numbers,
 * where webhooks show base64 and text (recorded on 2026.2.1, NOWEB).
 */
export function storedForm(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => storedForm(entry));
  if (isData(value)) {
    if (value["type"] === "Buffer") return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, storedForm(member, name)]),
    );
  }
  if (typeof value !== "string") return value;
  if (bytesKey.test(key)) return { type: "Buffer", data: value };
  return longKey.test(key) && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

/** Engine messages that are no message of their own: edits, revocations, reactions, votes. */
const notListed = ["protocolMessage", "editedMessage", "reactionMessage", "pollUpdateMessage"];

/** A webhook's message payload as it is stored; undefined when it is none that lists show. */
export function storeMessage(payload: unknown): StoredMessage | undefined {
  if (!isData(payload)) return undefined;
  const { id, timestamp, media, _data } = payload;
  const place = typeof id === "string" ? readMessageId(id) : undefined;
  if (!place || typeof timestamp !== "number") return undefined;
  const raw = isData(_data) ? _data : {};
  const message = isData(raw["message"]) ? raw["message"] : {};
  if (notListed.some((kind) => kind in message)) return undefined;
  const data = "message" in raw ? { ...raw, message: storedForm(message) } : raw;
  const stored = { ...payload, media: null, ...(isData(_data) ? { _data: data } : {}) };
  const failed = isData(media) && media["error"] !== undefined ? media["error"] : undefined;
  const head = { ...place, payload: stored, timestamp };
  return failed === undefined ? head : { ...head, downloadError: failed };
}

/** With another text: WAHA rewrites history, lists show the latest edit. */
export function withText(stored: StoredMessage, text: string): StoredMessage {
  const raw = stored.payload["_data"];
  const message = { extendedTextMessage: { text } };
  const data = isData(raw) ? { _data: { ...raw, message } } : {};
  return { ...stored, payload: { ...stored.payload, body: text, ...data } };
}

export const ackNames = ["ERROR", "PENDING", "SERVER", "DEVICE", "READ", "PLAYED"] as const;

/** With another tick; the engine's own status is one above WAHA's. */
export function withAck(stored: StoredMessage, ack: number): StoredMessage {
  const raw = stored.payload["_data"];
  const data = isData(raw) ? { _data: { ...raw, status: ack + 1 } } : {};
  const ackName = ackNames[ack + 1] ?? "UNKNOWN";
  return { ...stored, payload: { ...stored.payload, ack, ackName, ...data } };
}

/** The media part of the engine's message, wherever it is wrapped. */
export function mediaPart(value: unknown, depth = 0): Data | undefined {
  if (!isData(value) || depth > 6) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (!isData(member)) continue;
    if (typeof member["mimetype"] === "string" && name.endsWith("Message")) return member;
    const inner = mediaPart(member, depth + 1);
    if (inner) return inner;
  }
  return undefined;
}
