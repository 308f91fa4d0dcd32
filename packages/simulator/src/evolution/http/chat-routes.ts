import type { JsonReply } from "../../serving/json-server.ts";
import { chatRows } from "../state/address-book.ts";
import { isObject, type Members } from "../state/complaints.ts";
import { findMessages, findStatuses } from "../state/message-query.ts";
import type { StoredMessage } from "../state/message-list.ts";
import { created, type EvolutionCall, instanceOf, ok, type Route } from "./evolution-call.ts";
import { refuse } from "./refusals.ts";

const whereOf = (body: unknown): Members =>
  isObject(body) && isObject(body["where"]) ? body["where"] : {};

function contacts(call: EvolutionCall): JsonReply {
  const { remoteJid, id } = whereOf(call.body);
  const jid =
    typeof remoteJid === "string" && remoteJid !== "" && !remoteJid.includes("@")
      ? `${remoteJid}@s.whatsapp.net`
      : remoteJid;
  const rows = instanceOf(call)
    .book.contacts()
    .filter((row) => (!jid || row.remoteJid === jid) && (!id || row.id === id));
  return ok(rows);
}

function chats(call: EvolutionCall): JsonReply {
  const body = isObject(call.body) ? call.body : {};
  const { remoteJid } = whereOf(body);
  const { messages, book } = instanceOf(call);
  const rows = chatRows(messages.all(), book, call.world.clock.now()).filter(
    (row) => !remoteJid || row["remoteJid"] === remoteJid,
  );
  const skip = Number(body["skip"]) || 0;
  const take = Number(body["take"]) || rows.length;
  return ok(rows.slice(skip, skip + take));
}

/** The content of a media message, whatever kind it is. */
function mediaOf({ message, messageType }: StoredMessage): Members | undefined {
  const content = isObject(message) ? message[messageType] : undefined;
  return isObject(content) && typeof content["mimetype"] === "string" ? content : undefined;
}

/** WhatsApp's file is encrypted and not here: the bytes are made up, and the same for one message every time. */
function base64(call: EvolutionCall): JsonReply {
  const wanted = isObject(call.body) ? call.body["message"] : undefined;
  const key = isObject(wanted) && isObject(wanted["key"]) ? wanted["key"] : {};
  const message = instanceOf(call)
    .messages.all()
    .findLast((row) => row.key["id"] === key["id"]);
  if (!message) throw refuse(400, ["Message not found"]);
  const media = mediaOf(message);
  if (!media) throw refuse(400, ["The message is not of the media type"]);
  const file = Buffer.from(`simulated file of ${message.id}`);
  return created({
    mediaType: message.messageType,
    fileName: media["fileName"] ?? `${message.id}.${String(media["mimetype"]).split("/")[1]}`,
    caption: media["caption"],
    size: { fileLength: String(file.length) },
    mimetype: media["mimetype"],
    base64: file.toString("base64"),
    buffer: null,
  });
}

function markAsRead(call: EvolutionCall): JsonReply {
  const instance = instanceOf(call);
  if (instance.integration === "WHATSAPP-BAILEYS" && instance.state !== "open")
    throw refuse(500, "Connection Closed");
  return created({ message: "Read messages", read: "success" });
}

function whatsappNumbers(call: EvolutionCall): JsonReply {
  const { world, body } = call;
  const instance = instanceOf(call);
  if (instance.state !== "open") throw refuse(500, "Connection Closed");
  const numbers = isObject(body) && Array.isArray(body["numbers"]) ? body["numbers"] : [];
  const rows = numbers.map((entry: unknown) => {
    const number = String(entry).replaceAll(/\D/g, "");
    const jid = `${number}@s.whatsapp.net`;
    const name = instance.book.contacts().find((row) => row.remoteJid === jid)?.pushName ?? "";
    return { jid, exists: !world.absentNumbers.has(number), number: String(entry), name };
  });
  return ok(rows);
}

/** Calls that read what an instance knows. */
export const chatRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/chat/findMessages",
    guard: "instance",
    run: (call) => ok(findMessages(instanceOf(call).messages.all(), call.body)),
  },
  {
    method: "POST",
    path: "/chat/findStatusMessage",
    guard: "instance",
    run: (call) => ok(findStatuses(instanceOf(call).messages.statuses(), call.body)),
  },
  { method: "POST", path: "/chat/findChats", guard: "instance", run: chats },
  { method: "POST", path: "/chat/findContacts", guard: "instance", run: contacts },
  { method: "POST", path: "/chat/getBase64FromMediaMessage", guard: "instance", run: base64 },
  { method: "POST", path: "/chat/markMessageAsRead", guard: "instance", run: markAsRead },
  { method: "POST", path: "/chat/whatsappNumbers", guard: "instance", run: whatsappNumbers },
];
