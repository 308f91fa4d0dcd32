import type { JsonReply } from "../../../serving/json-server.ts";
import { complaintsAbout, isObject, type Members } from "../../state/complaints.ts";
import type { StoredMessage } from "../../state/message-list.ts";
import { chatRoutes } from "../chat-routes.ts";
import { created, type EvolutionCall, instanceOf, ok, type Route } from "../evolution-call.ts";
import { baileysData } from "../message-routes.ts";
import { refuse } from "../refusals.ts";

function sendText(call: EvolutionCall): JsonReply {
  const body = isObject(call.body) ? call.body : {};
  const fields = [
    { name: "number", type: "string" },
    { name: "options", type: "object" },
    { name: "textMessage", type: "object" },
  ] as const;
  const complaints = complaintsAbout(body, { fields, required: ["textMessage", "number"] }, "");
  const inner = isObject(body["textMessage"]) ? body["textMessage"] : {};
  if (complaints.length === 0)
    complaints.push(
      ...complaintsAbout(
        inner,
        { fields: [{ name: "text", type: "string" }], required: ["text"] },
        "textMessage",
      ),
    );
  if (complaints.length > 0) throw refuse(400, [complaints]);
  const message = { extendedTextMessage: { text: inner["text"] } };
  const draft = { message, messageType: "extendedTextMessage" };
  const data = baileysData(call, String(body["number"]), draft);
  void call.world.emit(instanceOf(call), { event: "send.message", data });
  const { key, messageTimestamp, status } = data;
  return created({ key, message, messageTimestamp: String(messageTimestamp), status });
}

function matches(message: StoredMessage, where: Members): boolean {
  const key = isObject(where["key"]) ? where["key"] : {};
  return Object.entries(key).every(([name, value]) => message.key[name] === value);
}

/** A bare list, newest first: 1.x knows no pages and no filter by time. */
function findMessages(call: EvolutionCall): JsonReply {
  const body = isObject(call.body) ? call.body : {};
  const where = isObject(body["where"]) ? body["where"] : {};
  const rows = instanceOf(call)
    .messages.all()
    .filter((message) => matches(message, where))
    .toSorted((one, other) => other.messageTimestamp - one.messageTimestamp)
    .map(({ id, key, pushName, messageType, message, messageTimestamp, source }) => {
      const about = { _id: id, key, pushName, messageType, message, messageTimestamp };
      return { ...about, owner: call.name, source };
    });
  return ok(rows.slice(0, Number(body["limit"]) || rows.length));
}

function findContacts(call: EvolutionCall): JsonReply {
  const body = isObject(call.body) ? call.body : {};
  const { id } = isObject(body["where"]) ? body["where"] : {};
  const rows = instanceOf(call)
    .book.contacts()
    .filter((row) => !id || row.remoteJid === id)
    .map((row) => ({
      _id: row.id,
      id: row.remoteJid,
      pushName: row.pushName,
      profilePictureUrl: row.profilePicUrl,
      owner: call.name,
    }));
  return ok(rows);
}

function findChats(call: EvolutionCall): JsonReply {
  const rows = instanceOf(call).book.chats();
  return ok(rows.map(({ remoteJid }) => ({ id: remoteJid, owner: call.name })));
}

const asLater = ["/chat/getBase64FromMediaMessage"];

/** Messages and chats of 1.x. */
export const firstChatRoutes: readonly Route[] = [
  { method: "POST", path: "/message/sendText", guard: "instance", run: sendText },
  { method: "POST", path: "/chat/findMessages", guard: "instance", run: findMessages },
  { method: "POST", path: "/chat/findContacts", guard: "instance", run: findContacts },
  { method: "GET", path: "/chat/findChats", guard: "instance", run: findChats },
  ...chatRoutes.filter(({ path }) => asLater.includes(path)),
];
