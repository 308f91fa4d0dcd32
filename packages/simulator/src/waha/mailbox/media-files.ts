import type { Clock } from "../../clock.ts";
import { type Data, mediaPart, type StoredMessage } from "./stored-message.ts";

/**
 * The files that a WAHA serves of media: in memory here, gone after their lifetime and at a restart, when
 * they can only be downloaded again.
 */
export interface MediaFile {
  readonly bytes: Uint8Array;
  readonly mimetype: string;
  /** Unix milliseconds. */
  readonly savedAt: number;
}

export interface MediaFiles {
  /** Keeps `bytes` under `name` of a session; returns the path of its address. */
  save(session: string, name: string, bytes: Uint8Array, mimetype: string): string;
  /** While it is served: for its lifetime, and until the process ends. */
  find(session: string, name: string): MediaFile | undefined;
  /** What WhatsApp still has: a list with `downloadMedia` fetches it again. */
  original(session: string, name: string): Uint8Array | undefined;
  clear(): void;
}

/** `WHATSAPP_FILES_LIFETIME`, 180 s unless told otherwise. */
const lifetimeMs = 180_000;
const mostFiles = 1_000;

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostFiles && oldest !== undefined) map.delete(oldest);
}

export function createMediaFiles(clock: Clock): MediaFiles {
  const files = new Map<string, MediaFile>();
  const originals = new Map<string, Uint8Array>();
  const keyOf = (session: string, name: string): string => `${session}/${name}`;
  return {
    save(session, name, bytes, mimetype) {
      keep(files, keyOf(session, name), { bytes, mimetype, savedAt: clock.now() });
      keep(originals, keyOf(session, name), bytes);
      return `/api/files/${encodeURIComponent(session)}/${encodeURIComponent(name)}`;
    },
    find(session, name) {
      const file = files.get(keyOf(session, name));
      return file && clock.now() - file.savedAt < lifetimeMs ? file : undefined;
    },
    original: (session, name) => originals.get(keyOf(session, name)),
    clear: () => files.clear(),
  };
}

/** File name endings as WAHA's MIME table gives them. */
const endings: Readonly<Record<string, string>> = {
  "audio/ogg": "oga",
  "audio/mpeg": "mpga",
  "audio/mp4": "m4a",
  "video/mp4": "mp4",
  "application/pdf": "pdf",
  "text/plain": "txt",
};

/** `image/jpeg` ends in jpeg, a voice message in oga. */
export function endingOf(mimetype: string): string {
  const plain = mimetype.split(";")[0]?.trim() ?? "";
  const ending = endings[plain] ?? plain.split("/")[1] ?? "bin";
  return /^[a-z0-9]{1,8}$/.test(ending) ? ending : "bin";
}

/** 70 bytes: a PNG of one grey point. What the simulator serves where it was given no media. */
export const placeholderPicture: Uint8Array = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNsaGj4DwAFhAKAjM1mJgAAAABJRU5ErkJggg==",
  "base64",
);

/** `payload` with its media downloaded: an address of ours, or the recorded form of a failed download. */
export function withMedia(
  message: StoredMessage,
  session: string,
  files: MediaFiles,
  baseUrl: string,
): Data {
  const raw = message.payload["_data"] as Data | undefined;
  const part = mediaPart(raw?.["message"]);
  if (message.payload["hasMedia"] !== true || !part) return message.payload;
  const mimetype = String(part["mimetype"]);
  const filename = typeof part["fileName"] === "string" ? part["fileName"] : null;
  if (message.downloadError !== undefined) {
    const media = { url: null, filename, mimetype, error: message.downloadError };
    return { ...message.payload, media };
  }
  const name = `${message.id}.${endingOf(mimetype)}`;
  const bytes = files.original(session, name) ?? placeholderPicture;
  const url = baseUrl + files.save(session, name, bytes, mimetype);
  return { ...message.payload, media: { url, filename, mimetype } };
}
