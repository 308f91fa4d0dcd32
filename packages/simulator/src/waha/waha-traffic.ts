import type { Random } from "../random.ts";
import type { Cast, Content, Happening, MessageRef, Person } from "../traffic/happening.ts";
import type { WahaMe } from "./waha-webhook.ts";

/** WAHA 2026.2.1's events (engine NOWEB) for what happens on WhatsApp, in the shapes of the fixtures. Pure. */

/** What a session does: send an event under its names, or change its status. */
export type WahaAct =
  | { readonly kind: "event"; readonly events: readonly string[]; readonly payload: unknown }
  | { readonly kind: "status"; readonly status: string; readonly me?: WahaMe };

type Data = Readonly<Record<string, unknown>>;

const chatOf = (person: Person): string =>
  person.addressing === "phone" ? `${person.phone}@c.us` : person.lid;

export function wahaMe(cast: Cast): WahaMe {
  return { id: `${cast.me.phone}@c.us`, pushName: cast.me.name, lid: cast.me.lid };
}

/** `{fromMe}_{chat}_{id}[_{participant}]`. */
function serialized({ id, fromMe, person, group }: MessageRef): string {
  return group ? `${fromMe}_${group.id}_${id}_${person.lid}` : `${fromMe}_${chatOf(person)}_${id}`;
}

/** The engine's own key: the other form of a person's address is beside the first when it is known. */
function engineKey({ id, fromMe, person, group }: MessageRef): Data {
  const phone = `${person.phone}@s.whatsapp.net`;
  if (group)
    return {
      remoteJid: group.id,
      fromMe,
      id,
      participant: person.lid,
      participantAlt: phone,
      addressingMode: "lid",
    };
  const tail = { fromMe, id, participant: "" };
  switch (person.addressing) {
    case "phone":
      return { remoteJid: phone, remoteJidAlt: person.lid, ...tail, addressingMode: "pn" };
    case "lid":
      return { remoteJid: person.lid, remoteJidAlt: phone, ...tail, addressingMode: "lid" };
    case "lid_only":
      return { remoteJid: person.lid, ...tail, addressingMode: "lid" };
  }
}

const base64 = (random: Random, count: number): string =>
  Buffer.from(random.bytes(count)).toString("base64");

function engineMessage(content: Content, seconds: number, random: Random): Data {
  if (content.kind === "text") return { conversation: content.text };
  const path = "/v/t62.7118-24/00000000_n.enc?ccb=11-4&oh=01_TEST";
  return {
    imageMessage: {
      url: `https://mmg.whatsapp.net${path}&oe=00000000&_nc_sid=5e03e0&mms3=true`,
      mimetype: "image/jpeg",
      ...(content.caption === undefined ? {} : { caption: content.caption }),
      fileSha256: base64(random, 32),
      fileLength: String(random.integer(20_000, 400_000)),
      height: 1280,
      width: 720,
      mediaKey: base64(random, 32),
      fileEncSha256: base64(random, 32),
      directPath: path,
      mediaKeyTimestamp: String(seconds),
      jpegThumbnail: "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==",
    },
  };
}

/** The head and tail that messages and edits share. `media` is null: nothing was downloaded. */
function messagePayload(
  ref: MessageRef,
  body: string | null,
  seconds: number,
  more: { readonly source: "app" | "api"; readonly hasMedia: boolean; readonly message: Data },
): Data {
  const { person, group, fromMe } = ref;
  const chat = group?.id ?? chatOf(person);
  const [ack, ackName, status] = fromMe
    ? more.source === "api"
      ? [0, "PENDING", 1]
      : [1, "SERVER", 2]
    : [2, "DEVICE", 3];
  const named = fromMe ? {} : { pushName: person.name, broadcast: false };
  return {
    id: serialized(ref),
    timestamp: seconds,
    from: chat,
    fromMe,
    source: more.source,
    body,
    ...(group ? { to: group.id, participant: person.lid } : {}),
    hasMedia: more.hasMedia,
    media: null,
    ack,
    ackName,
    location: null,
    vCards: null,
    replyTo: null,
    _data: {
      key: engineKey(ref),
      messageTimestamp: seconds,
      ...named,
      message: more.message,
      status,
    },
  };
}

const ackNames = { 1: "SERVER", 2: "DEVICE", 3: "READ" } as const;
const statuses = { connecting: "STARTING", open: "WORKING" } as const;

function messageAct(
  { ref, via, content }: Extract<Happening, { kind: "message" }>,
  seconds: number,
  random: Random,
): WahaAct {
  const message = engineMessage(content, seconds, random);
  const body = content.kind === "text" ? content.text : (content.caption ?? null);
  const more = { source: via, hasMedia: content.kind === "image", message };
  // Own messages are only in `message.any`; others come under both names.
  const events = ref.fromMe ? ["message.any"] : ["message", "message.any"];
  return { kind: "event", events, payload: messagePayload(ref, body, seconds, more) };
}

function editAct({ id, target, text }: Extract<Happening, { kind: "edit" }>, now: number): WahaAct {
  const key = { remoteJid: `${target.person.phone}@s.whatsapp.net`, fromMe: true, id: target.id };
  const edit = {
    key,
    type: "MESSAGE_EDIT",
    editedMessage: { conversation: text },
    timestampMs: String(now),
  };
  const message = { editedMessage: { message: { protocolMessage: edit } } };
  const ref = { ...target, id };
  const payload = messagePayload(ref, text, Math.floor(now / 1_000), {
    source: "app",
    hasMedia: false,
    message,
  });
  return {
    kind: "event",
    events: ["message.edited"],
    payload: { ...payload, editedMessageId: target.id },
  };
}

/** What WAHA does for `happening` at `now` (Unix milliseconds). */
export function wahaAct(cast: Cast, happening: Happening, now: number, random: Random): WahaAct {
  const seconds = Math.floor(now / 1_000);
  switch (happening.kind) {
    case "message":
      return messageAct(happening, seconds, random);
    case "ack": {
      const { ref, level } = happening;
      const payload = {
        id: serialized(ref),
        from: chatOf(ref.person),
        fromMe: true,
        ack: level,
        ackName: ackNames[level],
      };
      return { kind: "event", events: ["message.ack"], payload };
    }
    case "reaction": {
      const { id, person, target, emoji } = happening;
      const head = {
        id: serialized({ id, fromMe: false, person }),
        timestamp: seconds,
        from: chatOf(person),
      };
      const reaction = { text: emoji, messageId: serialized(target) };
      return {
        kind: "event",
        events: ["message.reaction"],
        payload: { ...head, fromMe: false, source: "app", reaction },
      };
    }
    case "edit":
      return editAct(happening, now);
    case "typing": {
      const chat = chatOf(happening.person);
      const presences = [{ participant: chat, lastKnownPresence: "typing", lastSeen: null }];
      return { kind: "event", events: ["presence.update"], payload: { id: chat, presences } };
    }
    case "connection":
      return {
        kind: "status",
        status: statuses[happening.state],
        ...(happening.state === "open" ? { me: wahaMe(cast) } : {}),
      };
    case "qr":
      return { kind: "status", status: "SCAN_QR_CODE" };
  }
}
