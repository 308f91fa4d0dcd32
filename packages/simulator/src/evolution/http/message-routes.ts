import type { JsonReply } from "../../serving/json-server.ts";
import { emitAll } from "../life/connection.ts";
import type { World } from "../life/world.ts";
import { complaintsAbout, type Field, isObject, type Members } from "../state/complaints.ts";
import { type FakeInstance, uuid } from "../state/fake-instance.ts";
import { created, type EvolutionCall, instanceOf, ok, type Route } from "./evolution-call.ts";
import { refuse } from "./refusals.ts";

interface Draft {
  readonly message: Members;
  readonly messageType: string;
}

const groupOrOther = /@(?:g\.us|s\.whatsapp\.net|lid|broadcast|newsletter)$/;

/** The address that the server makes of a number. */
function jidOf(number: string): string {
  return groupOrOther.test(number) ? number : `${number.replaceAll(/\D/g, "")}@s.whatsapp.net`;
}

/** Sent by Baileys: refused unless connected and the number has WhatsApp. */
export function baileysData(call: EvolutionCall, number: string, draft: Draft): Members {
  const { world } = call;
  const instance = instanceOf(call);
  if (instance.state !== "open") throw refuse(500, "Connection Closed");
  const remoteJid = jidOf(number);
  const digits = remoteJid.split("@")[0] ?? "";
  if (world.absentNumbers.has(digits))
    throw refuse(400, [{ jid: remoteJid, exists: false, number }]);
  const id = `3EB0${world.random.text("0123456789ABCDEF", 18)}`;
  return {
    key: { remoteJid, fromMe: true, id },
    pushName: "Você",
    status: "PENDING",
    message: draft.message,
    contextInfo: null,
    messageType: draft.messageType,
    messageTimestamp: Math.floor(world.clock.now() / 1_000),
    instanceId: instance.id,
    source: "web",
  };
}

/** The EVOLUTION channel keeps the number as it came and knows no status; Meta's knows both (recorded). */
function channelData(
  world: World,
  { id: instanceId, integration }: FakeInstance,
  number: string,
  { message, messageType }: Draft,
): Members {
  const messageTimestamp = Math.round(world.clock.now() / 1_000);
  const what = { message, messageType, messageTimestamp };
  if (integration === "WHATSAPP-BUSINESS") {
    const key = { fromMe: true, id: `wamid.${uuid(world.random)}`, remoteJid: jidOf(number) };
    return { key, ...what, instanceId, status: "PENDING", source: "unknown" };
  }
  const key = { fromMe: true, id: uuid(world.random), remoteJid: number };
  return { key, ...what, source: "unknown", instanceId };
}

/** A call that sends: judged by its schema, then told as `send.message` and answered with the same row. */
function sending(
  fields: readonly Field[],
  draftOf: (body: Members, instance: FakeInstance) => Draft,
): (call: EvolutionCall) => JsonReply {
  return (call) => {
    const { world } = call;
    const body = isObject(call.body) ? call.body : {};
    const all: readonly Field[] = [{ name: "number", type: "string" }, ...fields];
    const complaints = complaintsAbout(
      body,
      { fields: all, required: all.map(({ name }) => name) },
      "",
    );
    if (complaints.length > 0) throw refuse(400, [complaints]);
    const instance = instanceOf(call);
    const number = String(body["number"]);
    const draft = draftOf(body, instance);
    const data =
      instance.integration === "WHATSAPP-BAILEYS"
        ? baileysData(call, number, draft)
        : channelData(world, instance, number, draft);
    void world.emit(instance, { event: "send.message", data });
    return created(data);
  };
}

const mediaTypes = ["image", "video", "audio", "document"];

function mediaDraft(body: Members, { integration }: FakeInstance): Draft {
  const messageType = `${String(body["mediatype"])}Message`;
  // The EVOLUTION channel keeps nothing of a picture without a store for media (recorded).
  if (integration === "EVOLUTION") return { message: { mediaUrl: null }, messageType };
  const { caption, mimetype, fileName } = body;
  return { message: { [messageType]: { caption, mimetype, fileName } }, messageType };
}

/**
 * How messages reach an instance of the EVOLUTION channel: anybody may post one, and `numberId` is the
 * instance's number (recorded). The first of a chat makes it, later ones update it first.
 */
function receive({ world, body }: EvolutionCall): JsonReply {
  const given = isObject(body) ? body : {};
  const { numberId, pushName, message, messageType } = given;
  const instance = [...world.instances.values()].find(
    ({ integration, number }) => integration === "EVOLUTION" && number === numberId,
  );
  const success = ok({ status: "success" });
  if (!instance) return success;
  const givenKey = isObject(given["key"]) ? given["key"] : {};
  const { id = uuid(world.random), remoteJid, fromMe, profilePicUrl } = givenKey;
  const key = { id, remoteJid, fromMe, profilePicUrl };
  const instanceId = instance.id;
  const chat = { remoteJid, instanceId };
  const known = instance.book.chats().some((row) => row.remoteJid === remoteJid);
  const messageTimestamp = Math.round(world.clock.now() / 1_000);
  const data = { key, pushName, message, messageType, messageTimestamp };
  const picture = profilePicUrl === undefined ? {} : { profilePicUrl };
  void emitAll(world, instance, [
    { event: "messages.upsert", data: { ...data, source: "unknown", instanceId } },
    { event: "contacts.upsert", data: { remoteJid, pushName, instanceId, ...picture } },
    ...(known ? [{ event: "chats.update", data: chat }] : []),
    { event: "chats.upsert", data: chat },
  ]);
  return success;
}

/** Calls that send, and the door of the EVOLUTION channel. */
export const messageRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/message/sendText",
    guard: "instance",
    run: sending([{ name: "text", type: "string" }], ({ text }) => ({
      message: { conversation: text },
      messageType: "conversation",
    })),
  },
  {
    method: "POST",
    path: "/message/sendMedia",
    guard: "instance",
    run: sending([{ name: "mediatype", type: "string", oneOf: mediaTypes }], mediaDraft),
  },
  { method: "POST", path: "/webhook/evolution", guard: "open", run: receive },
];
