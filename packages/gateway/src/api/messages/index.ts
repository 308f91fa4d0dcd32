import {
  chatRoutes,
  messageRoutes,
  type messageRoutes as Routes,
  type Parsed,
} from "@recado/protocol";
import { parseJid } from "@recado/providers";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type { MessageFilter, ViewPage } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import { findInstance } from "../instances/find-instance.ts";
import { readIdCursor, writeCursor, type ListPlace } from "../lists/cursors.ts";
import type { ApiOptions } from "../options.ts";
import { definedOnly } from "../present.ts";
import { JsonText, route } from "../route.ts";

type MessageQuery = Parsed<typeof Routes.list, "query">;

/** What became of messages, and chats with their newest, of the caller's tenant. */
export function serveMessages(app: FastifyInstance, options: ApiOptions): void {
  const { secretBox } = options;
  const { views, directory, log } = options.store;

  /** The place of a cursor. It is sealed: it counts what all tenants and numbers have, not the reader's alone. */
  function position(place: ListPlace, cursor: string | undefined): string | undefined {
    const sealed = readIdCursor(place, cursor);
    if (sealed === undefined) return undefined;
    try {
      return secretBox.open(sealed);
    } catch (error) {
      throw new RecadoError("cursor_invalid", [], { cause: error });
    }
  }

  /** Files that are kept here are shown by links. */
  async function answerOf<T>(
    place: ListPlace,
    { items, next, complete }: ViewPage<T>,
  ): Promise<JsonText> {
    const { tenantId } = place;
    const text = JSON.stringify({
      data: items,
      ...(next === undefined ? {} : { nextCursor: writeCursor(place, secretBox.seal(next)) }),
      complete,
    });
    const whole = (await options.completeFiles?.(tenantId, text)) ?? text;
    return new JsonText(options.present?.(tenantId, whole) ?? whole);
  }

  /** Ids whose messages are asked for and may be seen; undefined: no limit. */
  async function instanceIds(
    caller: Caller,
    named: string | undefined,
  ): Promise<readonly string[] | undefined> {
    const own = caller.instanceIds;
    if (named === undefined) return own && [...own];
    // An instance that was deleted is gone, its messages stay: then its id is all there is.
    const id = (await findInstance(directory, caller.scope, named))?.id ?? named;
    return own && !own.has(id) ? [] : [id];
  }

  route(app, messageRoutes.list, async ({ query, caller }) => {
    const place = placeOf(caller, "messages", log.epoch);
    const page = await views.messages(caller.scope, {
      ...messageFilter(query),
      ...definedOnly({
        after: position(place, query.after),
        instanceIds: await instanceIds(caller, query.instance),
      }),
    });
    return answerOf(place, page);
  });

  route(app, chatRoutes.list, async ({ query, caller }) => {
    const place = placeOf(caller, "chats", log.epoch);
    const page = await views.chats(caller.scope, {
      limit: query.limit,
      ...definedOnly({
        unread: query.unread,
        after: position(place, query.after),
        instanceIds: await instanceIds(caller, query.instance),
      }),
    });
    return answerOf(place, page);
  });
}

/** Pure. */
function messageFilter(query: MessageQuery): MessageFilter {
  const { chat, phone, id, text, direction, since, until, limit } = query;
  return {
    limit,
    ...definedOnly({
      chat: chat === undefined ? undefined : (parseJid(chat)?.id ?? chat),
      phone: phone?.replace(/\D/g, ""),
      messageId: id,
      text,
      fromMe: direction === undefined ? undefined : direction === "out",
      since,
      until,
    }),
  };
}

function placeOf(caller: Caller, list: "messages" | "chats", epoch: string): ListPlace {
  return { list, tenantId: caller.scope.tenantId, epoch };
}
