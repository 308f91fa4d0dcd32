import type { JsonReply } from "../../serving/json-server.ts";
import { Refusal } from "../../serving/json-server.ts";
import { engineJid, readChatId, readMessageId } from "../mailbox/message-id.ts";
import { type Data, isData } from "../mailbox/stored-message.ts";
import type { FakeSession } from "../session/fake-session.ts";
import { onlyInPlus } from "./refusals.ts";
import { created, ok, sessionOf, type WahaCall, type WahaRoute } from "./route.ts";
import { findInStatus, type WahaWorld } from "./waha-world.ts";

/** Sending: answers in the engine's raw form, and the own message comes back as an event. */

/** What an engine makes of a missing chat: WAHA's form of the unexpected, which repeats the request. */
function crashed(world: WahaWorld, { request }: WahaCall): Refusal {
  const message = "Cannot read properties of undefined (reading 'includes')";
  const { method, path, query, body } = request;
  return new Refusal({
    status: 500,
    body: {
      statusCode: 500,
      timestamp: new Date(world.clock.now()).toISOString(),
      exception: {
        message,
        name: "TypeError",
        stack: `TypeError: ${message}\n    at ensureSuffix`,
      },
      request: {
        path: `/${path.join("/")}`,
        method,
        body: body.kind === "json" ? body.value : {},
        query: Object.fromEntries(query),
      },
      version: world.environment,
    },
  });
}

interface Sent {
  readonly chatId: string;
  readonly id: string;
  readonly seconds: number;
  readonly message: Data;
}

function compose(world: WahaWorld, chat: string, message: Data): Sent {
  const id = `3EB0${world.random.text("0123456789ABCDEF", 18)}`;
  return { chatId: readChatId(chat), id, seconds: Math.floor(world.clock.now() / 1_000), message };
}

const rawOf = ({ chatId, id, seconds, message }: Sent): Data => ({
  key: { remoteJid: engineJid(chatId), fromMe: true, id },
  message,
  messageTimestamp: seconds,
  status: 1,
});

/** NOWEB answers with the raw message, GOWS with the serialised id (recorded; documented). */
function answer({ edition }: WahaWorld, sent: Sent): Data {
  if (edition.engine !== "GOWS") return rawOf(sent);
  const { chatId, id, message } = sent;
  const info = { Chat: engineJid(chatId), IsFromMe: true, ID: id };
  return { id: `true_${chatId}_${id}`, _data: { Info: info, Message: message } };
}

/** The own message is announced as unsent, then its first tick. */
function announce(world: WahaWorld, session: FakeSession, sent: Sent, body: string | null): void {
  const { chatId, id, seconds } = sent;
  const serialised = `true_${chatId}_${id}`;
  const head = { id: serialised, timestamp: seconds, from: chatId, fromMe: true, source: "api" };
  world.emit(session, ["message.any"], {
    ...head,
    body,
    hasMedia: body === null,
    media: null,
    ack: 0,
    ackName: "PENDING",
    location: null,
    vCards: null,
    replyTo: null,
    _data: rawOf(sent),
  });
  const tick = { ack: 1, ackName: "SERVER" };
  world.emit(session, ["message.ack"], { id: serialised, from: chatId, fromMe: true, ...tick });
}

async function sendText(world: WahaWorld, call: WahaCall): Promise<JsonReply> {
  const session = await findInStatus(world, sessionOf(call), ["WORKING"]);
  const { chatId, text } = call.body;
  if (typeof chatId !== "string") throw crashed(world, call);
  const body = typeof text === "string" ? text : "";
  const sent = compose(world, chatId, { extendedTextMessage: { text: body } });
  announce(world, session, sent, body);
  return created(answer(world, sent));
}

async function sendFile(world: WahaWorld, call: WahaCall, kind: string): Promise<JsonReply> {
  const session = await findInStatus(world, sessionOf(call), ["WORKING"]);
  if (world.edition.singleSession) throw onlyInPlus(world.edition);
  const { chatId, caption, file } = call.body;
  if (typeof chatId !== "string") throw crashed(world, call);
  const given = isData(file) ? file["mimetype"] : undefined;
  const mimetype = typeof given === "string" ? given : "application/octet-stream";
  const named = typeof caption === "string" ? { caption } : {};
  const sent = compose(world, chatId, { [kind]: { mimetype, ...named } });
  announce(world, session, sent, null);
  return created(answer(world, sent));
}

async function react(world: WahaWorld, call: WahaCall): Promise<JsonReply> {
  await findInStatus(world, sessionOf(call), ["WORKING"]);
  const target = readMessageId(String(call.body["messageId"]));
  if (!target) throw crashed(world, call);
  // Recorded: the answer names no reaction.
  return ok(answer(world, compose(world, target.chatId, { extendedTextMessage: { text: "" } })));
}

const files = {
  sendImage: "imageMessage",
  sendFile: "documentMessage",
  sendVoice: "audioMessage",
  sendVideo: "videoMessage",
} as const;

export function sendingRoutes(world: WahaWorld): WahaRoute[] {
  const send = (
    method: "POST" | "PUT",
    name: string,
    handle: (call: WahaCall) => Promise<JsonReply>,
  ): WahaRoute => ({ method, template: `/api/${name}`, needs: "send", handle });
  return [
    send("POST", "sendText", (call) => sendText(world, call)),
    send("PUT", "reaction", (call) => react(world, call)),
    ...Object.entries(files).map(([name, kind]) =>
      send("POST", name, (call) => sendFile(world, call, kind)),
    ),
  ];
}
