import { withMedia } from "../mailbox/media-files.ts";
import { engineJid, readChatId } from "../mailbox/message-id.ts";
import {
  complaintsAboutQuery,
  readMessageQuery,
  selectMessages,
} from "../mailbox/message-query.ts";
import type { Data, StoredMessage } from "../mailbox/stored-message.ts";
import type { FakeSession } from "../session/fake-session.ts";
import { refusal } from "./refusals.ts";
import { binary, ok, sessionOf, type WahaCall, type WahaRoute } from "./route.ts";
import { findInStatus, type WahaWorld } from "./waha-world.ts";

/** Messages, chats and media files. */

/** NOWEB keeps messages only when told to. */
function hasStore({ edition }: WahaWorld, { config }: FakeSession): boolean {
  if (edition.engine !== "NOWEB") return true;
  const noweb = config?.["noweb"] as
    | { readonly store?: { readonly enabled?: boolean } }
    | undefined;
  return noweb?.store?.enabled === true;
}

async function withStore(world: WahaWorld, name: string): Promise<FakeSession> {
  const session = await findInStatus(world, name, ["WORKING"]);
  if (hasStore(world, session)) return session;
  throw refusal(
    400,
    'Enable NOWEB store "config.noweb.store.enabled=True" and "config.noweb.store.full_sync=True" when starting a new session. Read more: https://waha.devlike.pro/docs/engines/noweb#store',
  );
}

/** Refuses a query as WAHA's validation does. */
export function checkQuery(query: URLSearchParams): void {
  const complaints = complaintsAboutQuery(query);
  if (complaints.length > 0) throw refusal(400, complaints);
}

async function list(world: WahaWorld, name: string, chat: string, call: WahaCall) {
  checkQuery(call.request.query);
  const session = await withStore(world, name);
  const query = readMessageQuery(call.request.query);
  const page = selectMessages(session.mailbox.messages(), chat, query);
  return ok(
    page.map((message) =>
      query.downloadMedia
        ? withMedia(message, name, world.files, world.baseUrl())
        : message.payload,
    ),
  );
}

/** Chats by their latest message, newest first. */
function chatsOf(session: FakeSession): readonly StoredMessage[] {
  const latest = new Map<string, StoredMessage>();
  for (const message of session.mailbox.messages()) {
    const known = latest.get(message.chatId);
    if (!known || known.timestamp <= message.timestamp) latest.set(message.chatId, message);
  }
  return [...latest.values()].toSorted((left, right) => right.timestamp - left.timestamp);
}

function nameOf({ mailbox }: FakeSession, chatId: string): string | null {
  return mailbox.book.contacts().find(({ id }) => id === chatId)?.name ?? null;
}

function chatList(
  world: WahaWorld,
  template: string,
  show: (session: FakeSession, latest: StoredMessage) => Data,
): WahaRoute {
  return {
    method: "GET",
    template,
    needs: "read",
    async handle({ param, request }) {
      checkQuery(request.query);
      const session = await withStore(world, param("session"));
      const limit = Number(request.query.get("limit") ?? Number.POSITIVE_INFINITY);
      const offset = Number(request.query.get("offset") ?? 0);
      const page = chatsOf(session).slice(offset, offset + limit);
      return ok(page.map((latest) => show(session, latest)));
    },
  };
}

function messageById(world: WahaWorld): WahaRoute {
  return {
    method: "GET",
    template: "/api/:session/chats/:chat/messages/:id",
    needs: "read",
    async handle({ param, request }) {
      const session = await withStore(world, param("session"));
      const found = session.mailbox.find(readChatId(param("chat")), param("id"));
      if (!found) throw refusal(404, "Message not found");
      const { downloadMedia } = readMessageQuery(request.query);
      return ok(
        downloadMedia
          ? withMedia(found, session.name, world.files, world.baseUrl())
          : found.payload,
      );
    },
  };
}

function file({ files }: WahaWorld): WahaRoute {
  return {
    method: "GET",
    template: "/api/files/:session/:name",
    needs: "media",
    handle({ param }) {
      const found = files.find(param("session"), param("name"));
      // Recorded: the path in the words is always this one.
      if (!found)
        throw refusal(404, "ENOENT: no such file or directory, stat '/app/.media/index.html'");
      const headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "public, max-age=0",
        "Last-Modified": new Date(found.savedAt).toUTCString(),
        "Content-Type": found.mimetype,
      };
      return binary(found.bytes, headers);
    },
  };
}

export function messageRoutes(world: WahaWorld): WahaRoute[] {
  const get = { method: "GET", needs: "read" } as const;
  return [
    {
      ...get,
      template: "/api/:session/chats/:chat/messages",
      handle: (call) => list(world, call.param("session"), call.param("chat"), call),
    },
    {
      ...get,
      template: "/api/messages",
      handle: (call) => list(world, sessionOf(call), call.request.query.get("chatId") ?? "", call),
    },
    messageById(world),
    chatList(world, "/api/:session/chats", (session, { chatId, timestamp }) => ({
      id: engineJid(chatId),
      name: nameOf(session, chatId),
      conversationTimestamp: timestamp,
    })),
    chatList(world, "/api/:session/chats/overview", (session, { chatId, payload }) => ({
      id: chatId,
      name: nameOf(session, chatId),
      picture: null,
      lastMessage: payload,
      _chat: { id: engineJid(chatId) },
    })),
    file(world),
  ];
}
