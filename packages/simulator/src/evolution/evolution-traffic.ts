import type { Random } from "../random.ts";
import type { Cast, Content, Happening, MessageRef, Person } from "../traffic/happening.ts";
import type { EvolutionEvent } from "./evolution-webhook.ts";
import { onePixel } from "./state/qr-code.ts";

/**
 * Evolution 2.3.7's events for what happens on WhatsApp, in the shapes of the fixtures. Pure.
 *
 * Bytes stay bytes: as JSON they become the objects with index keys that 2.3.6 and later write, and a
 * socket sends them as binary attachments.
 */

export interface EvolutionNumber {
  readonly name: string;
  readonly instanceId: string;
  readonly cast: Cast;
}

type Data = Readonly<Record<string, unknown>>;

const phoneJid = ({ phone }: Person): string => `${phone}@s.whatsapp.net`;

/** The address of a chat outside `messages.upsert`: those events keep the LID. */
function plainJid({ group, person }: MessageRef): string {
  return group?.id ?? (person.addressing === "phone" ? phoneJid(person) : person.lid);
}

/** 2.3.7 writes the phone over a LID when it knows it, and then the LID itself is gone. */
function directKey(person: Person): Data {
  const jid = phoneJid(person);
  switch (person.addressing) {
    case "phone":
      return { remoteJid: jid, remoteJidAlt: person.lid };
    case "lid":
      return { remoteJid: jid, remoteJidAlt: jid };
    case "lid_only":
      return { remoteJid: person.lid };
  }
}

/** A chat behind a LID is stored under the LID although the event shows the phone. */
function storedKeyOf(ref: MessageRef): Pick<EvolutionEvent, "storedKey"> {
  if (ref.group || ref.person.addressing !== "lid") return {};
  const jids = { remoteJid: ref.person.lid, remoteJidAlt: phoneJid(ref.person) };
  return { storedKey: { ...keyOf(ref), ...jids } };
}

function keyOf({ id, fromMe, person, group }: MessageRef): Data {
  if (group) {
    const participants = { participant: person.lid, participantAlt: phoneJid(person) };
    return { remoteJid: group.id, fromMe, id, ...participants, addressingMode: "lid" };
  }
  const addressingMode = person.addressing === "phone" ? "pn" : "lid";
  return { ...directKey(person), fromMe, id, participant: "", addressingMode };
}

function long(value: number, unsigned: boolean): Data {
  return { low: value | 0, high: Math.floor(value / 4_294_967_296), unsigned };
}

function contextOf(seconds: number, random: Random): Data {
  return {
    threadId: [],
    deviceListMetadata: {
      senderKeyIndexes: [],
      recipientKeyIndexes: [],
      senderKeyHash: random.bytes(10),
      senderTimestamp: long(seconds - 100_000, true),
      recipientKeyHash: random.bytes(10),
      recipientTimestamp: long(seconds - 90_000, true),
    },
    deviceListMetadataVersion: 2,
    messageSecret: random.bytes(32),
  };
}

function imageOf(caption: string | undefined, seconds: number, random: Random): Data {
  const file = random.text("0123456789ABCDEF", 12);
  const path = `/v/t62.0-24/${file}.enc?ccb=11-4&oh=SYNTHETIC&oe=6A000000`;
  return {
    interactiveAnnotations: [],
    scanLengths: [],
    annotations: [],
    url: `https://mmg.whatsapp.net${path}&mms3=true`,
    mimetype: "image/jpeg",
    ...(caption === undefined ? {} : { caption }),
    fileSha256: random.bytes(32),
    fileLength: long(random.integer(20_000, 400_000), true),
    height: 1280,
    width: 960,
    mediaKey: random.bytes(32),
    fileEncSha256: random.bytes(32),
    directPath: path,
    mediaKeyTimestamp: long(seconds, false),
    jpegThumbnail: random.bytes(24),
  };
}

function bodyOf(
  content: Content,
  seconds: number,
  random: Random,
): { readonly message: Data; readonly messageType: string } {
  if (content.kind === "text")
    return { message: { conversation: content.text }, messageType: "conversation" };
  return {
    message: { imageMessage: imageOf(content.caption, seconds, random) },
    messageType: "imageMessage",
  };
}

function messageEvents(
  number: EvolutionNumber,
  happening: Extract<Happening, { kind: "message" }>,
  now: number,
  random: Random,
): EvolutionEvent[] {
  const { ref, via, content } = happening;
  const seconds = Math.floor(now / 1_000);
  const { message, messageType } = bodyOf(content, seconds, random);
  const tail = { messageType, messageTimestamp: seconds, instanceId: number.instanceId };
  if (via === "api") {
    const key = { remoteJid: directKey(ref.person)["remoteJid"], fromMe: true, id: ref.id };
    const data = {
      key,
      pushName: "Você",
      status: "PENDING",
      message,
      contextInfo: null,
      ...tail,
      source: "web",
    };
    return [{ event: "send.message", data }];
  }
  const withContext = { ...message, messageContextInfo: contextOf(seconds, random) };
  const pushName = ref.fromMe ? number.cast.me.name : ref.person.name;
  const status = ref.fromMe ? "SERVER_ACK" : "DELIVERY_ACK";
  const context = content.kind === "image" ? { contextInfo: null } : {};
  const data = {
    key: keyOf(ref),
    pushName,
    status,
    message: withContext,
    ...context,
    ...tail,
    source: "android",
  };
  const upsert: EvolutionEvent = { event: "messages.upsert", data, ...storedKeyOf(ref) };
  if (ref.fromMe) return [upsert];
  const remoteJid = ref.group?.id ?? directKey(ref.person)["remoteJid"];
  const contact = { remoteJid, pushName, profilePicUrl: null, instanceId: number.instanceId };
  return [upsert, { event: "contacts.update", data: contact }];
}

const ackWords = { 1: "SERVER_ACK", 2: "DELIVERY_ACK", 3: "READ" } as const;

/** The row's id, a cuid that stays with its message. */
function rowIdOf({ id }: MessageRef): string {
  return `cm${id.toLowerCase().padEnd(23, "0").slice(0, 23)}`;
}

function connectionData({ name, cast }: EvolutionNumber, state: "connecting" | "open"): Data {
  if (state === "connecting") return { instance: name, state, statusReason: 200 };
  const profile = { wuid: phoneJid(cast.me), profileName: cast.me.name };
  const profilePictureUrl = "https://pps.whatsapp.net/v/t61.0-24/SYNTHETIC.jpg?oe=6A000000";
  return { instance: name, ...profile, profilePictureUrl, state, statusReason: 200 };
}

/** The events that Evolution sends for `happening` at `now` (Unix milliseconds). */
export function evolutionEvents(
  number: EvolutionNumber,
  happening: Happening,
  now: number,
  random: Random,
): readonly EvolutionEvent[] {
  const { name, instanceId, cast } = number;
  const seconds = Math.floor(now / 1_000);
  switch (happening.kind) {
    case "message":
      return messageEvents(number, happening, now, random);
    case "ack": {
      const { ref, level } = happening;
      const about = {
        keyId: ref.id,
        remoteJid: plainJid(ref),
        fromMe: true,
        status: ackWords[level],
      };
      return [
        { event: "messages.update", data: { ...about, instanceId, messageId: rowIdOf(ref) } },
      ];
    }
    case "reaction": {
      const { id, person, target, emoji } = happening;
      const targetKey = { remoteJid: plainJid(target), fromMe: target.fromMe, id: target.id };
      const reactionMessage = { key: targetKey, text: emoji, senderTimestampMs: long(now, false) };
      const about = {
        key: keyOf({ id, fromMe: false, person }),
        pushName: person.name,
        status: "DELIVERY_ACK",
      };
      const tail = {
        messageType: "reactionMessage",
        messageTimestamp: seconds,
        instanceId,
        source: "android",
      };
      return [
        { event: "messages.upsert", data: { ...about, message: { reactionMessage }, ...tail } },
      ];
    }
    case "edit": {
      // The key is the editor's view: our own address, and his message is "from me".
      const key = { remoteJid: phoneJid(cast.me), fromMe: true, id: happening.target.id };
      const editedMessage = { conversation: happening.text };
      return [
        {
          event: "messages.edited",
          data: { key, type: "MESSAGE_EDIT", editedMessage, timestampMs: String(now) },
        },
      ];
    }
    case "typing": {
      const jid = plainJid({ id: "", fromMe: false, person: happening.person });
      return [
        {
          event: "presence.update",
          data: { id: jid, presences: { [jid]: { lastKnownPresence: "composing" } } },
        },
      ];
    }
    case "connection":
      return [{ event: "connection.update", data: connectionData(number, happening.state) }];
    case "qr": {
      const qrcode = { instance: name, pairingCode: null, code: happening.code, base64: onePixel };
      return [{ event: "qrcode.updated", data: { qrcode } }];
    }
  }
}
