import type { Random } from "../random.ts";
import type { Happening, Person } from "../traffic/happening.ts";
import { endingOf } from "./mailbox/media-files.ts";
import type { Data } from "./mailbox/stored-message.ts";
import { wahaAct } from "./waha-traffic.ts";

/** A message that somebody writes to a session, in a person's words. */
export interface IncomingMessage {
  /** Digits of who writes. */
  readonly from: string;
  /** The name that he shows. Default his number. */
  readonly name?: string;
  /** The text, or the caption of `image`. */
  readonly text?: string;
  /** A picture, which the server serves under the address in the event. */
  readonly image?: { readonly bytes: Uint8Array; readonly mimetype: string };
}

/** How WAHA announces it: the event names, the payload, and where its picture is expected. */
export interface Incoming {
  readonly events: readonly string[];
  readonly payload: Data;
  readonly file?: { readonly name: string; readonly bytes: Uint8Array; readonly mimetype: string };
}

/** Builds the event at `now` (Unix milliseconds). */
export function incomingMessage(message: IncomingMessage, now: number, random: Random): Incoming {
  const { from: phone, name = phone, text, image } = message;
  const lid = `2${phone.slice(-14).padStart(14, "0")}@lid`;
  const person: Person = { name, phone, lid, addressing: "phone" };
  const id = `3A${random.text("0123456789ABCDEF", 18)}`;
  const caption = text === undefined ? {} : { caption: text };
  const happening: Happening = {
    kind: "message",
    ref: { id, fromMe: false, person },
    via: "app",
    content: image ? { kind: "image", ...caption } : { kind: "text", text: text ?? "" },
  };
  const act = wahaAct({ me: person, people: [person], groups: [] }, happening, now, random);
  if (act.kind !== "event") throw new Error("a message is announced by an event");
  const built = { events: act.events, payload: act.payload as Data };
  if (!image) return built;
  return { ...built, file: { name: `${id}.${endingOf(image.mimetype)}`, ...image } };
}
