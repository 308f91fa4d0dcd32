import type { Random } from "../../random.ts";
import type { Addressing, Happening, Person } from "../../traffic/happening.ts";
import { endingOf } from "../mailbox/media-files.ts";
import { type Data, isData } from "../mailbox/stored-message.ts";
import { wahaAct } from "../waha-traffic.ts";

/** A message that is written to a session, or on its own phone, in a person's words. */
export interface WahaIncoming {
  /** Digits of whoever writes; of an own message, of whom it is for. */
  readonly phone: string;
  /** Default: Maria Teste. */
  readonly name?: string;
  /** The text, or the caption of `media`. Default: oi, or no caption. */
  readonly text?: string;
  readonly media?: WahaIncomingMedia;
  /** Written in this group: `120363000000000201@g.us`. */
  readonly group?: string;
  /** Written by us on the phone. Default false. */
  readonly fromMe?: boolean;
  /** How WhatsApp addresses the person. Default: by phone. */
  readonly addressing?: Addressing;
  /** `200000000000201@lid`. Default: made of the phone. */
  readonly lid?: string;
  /** WhatsApp's id of the message. Default: made up. */
  readonly id?: string;
  /** Unix milliseconds at which it was written. Default now. */
  readonly sentAt?: number;
}

/** A file, which the server serves under the address in the event. */
export interface WahaIncomingMedia {
  readonly kind: "image" | "video" | "audio" | "document" | "sticker";
  readonly bytes: Uint8Array;
  readonly mimetype: string;
  readonly filename?: string;
}

/** How WAHA announces it: the event names, the payload, and the file that belongs to it. */
interface Announced {
  readonly events: readonly string[];
  readonly payload: Data;
  readonly file?: { readonly name: string; readonly media: WahaIncomingMedia };
}

/** The payload of a picture turned into one of another kind of file. */
function withFile(payload: Data, { kind, bytes, mimetype, filename }: WahaIncomingMedia): Data {
  const raw = isData(payload["_data"]) ? payload["_data"] : {};
  const message = isData(raw["message"]) ? raw["message"] : {};
  const picture = isData(message["imageMessage"]) ? message["imageMessage"] : {};
  const { height, width, jpegThumbnail, ...rest } = picture;
  const seen = kind === "image" ? { height, width, jpegThumbnail } : {};
  const named = filename === undefined ? {} : { fileName: filename };
  const fileLength = String(bytes.length);
  const part = { ...rest, ...seen, mimetype, fileLength, ...named };
  return { ...payload, _data: { ...raw, message: { [`${kind}Message`]: part } } };
}

/** Builds the event at `now` (Unix milliseconds). */
export function incoming(message: WahaIncoming, now: number, random: Random): Announced {
  const { phone, name = "Maria Teste", text, media, fromMe = false } = message;
  const lid = message.lid ?? `2${phone.slice(-14).padStart(14, "0")}@lid`;
  const person: Person = { name, phone, lid, addressing: message.addressing ?? "phone" };
  const id = message.id ?? `3A${random.text("0123456789ABCDEF", 18)}`;
  const caption = text === undefined ? {} : { caption: text };
  const place = message.group === undefined ? {} : { group: { id: message.group, members: [] } };
  const happening: Happening = {
    kind: "message",
    ref: { id, fromMe, person, ...place },
    via: "app",
    content: media ? { kind: "image", ...caption } : { kind: "text", text: text ?? "oi" },
  };
  const cast = { me: person, people: [person], groups: [] };
  const act = wahaAct(cast, happening, message.sentAt ?? now, random);
  if (act.kind !== "event") throw new Error("a message is announced by an event");
  const payload = act.payload as Data;
  if (!media) return { events: act.events, payload };
  const file = { name: `${id}.${endingOf(media.mimetype)}`, media };
  return { events: act.events, payload: withFile(payload, media), file };
}
