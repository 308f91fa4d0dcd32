import type { ApiCall, ApiCaller } from "../../api/index.ts";
import { booleanOf, isObject, objectOf, textOf } from "../wire.ts";
import {
  readChat,
  readContact,
  readLid,
  type WahaChat,
  type WahaContact,
  type WahaLid,
} from "./read-answers.ts";
import { listCall, readCall, readCallOrNothing } from "./read-call.ts";

/** A page of a list. */
export interface WahaPage {
  /** Default 100. */
  readonly limit?: number;
  readonly offset?: number;
}

/** Chats, contacts and the pairs of LID and phone of one server's sessions. */

/** NOWEB reads these from its store, a large one slowly. */
const listTimeoutMs = 30_000;

export function chatsPage(
  caller: ApiCaller,
  session: string,
  { limit = 100, offset = 0 }: WahaPage,
): Promise<readonly WahaChat[]> {
  const query = { limit, offset, sortBy: "conversationTimestamp", sortOrder: "desc" };
  return listCall(
    caller,
    {
      method: "GET",
      path: "/api/:session/chats",
      parts: { session },
      query,
      timeoutMs: listTimeoutMs,
    },
    readChat,
  );
}

export function contactsPage(
  caller: ApiCaller,
  session: string,
  { limit = 100, offset = 0 }: WahaPage,
): Promise<readonly WahaContact[]> {
  const query = { session, limit, offset };
  return listCall(
    caller,
    { method: "GET", path: "/api/contacts/all", query, timeoutMs: listTimeoutMs },
    readContact,
  );
}

export async function oneContact(
  caller: ApiCaller,
  session: string,
  contactId: string,
): Promise<WahaContact | undefined> {
  const call: ApiCall = {
    method: "GET",
    path: "/api/contacts",
    query: { session, contactId },
    // An unknown contact (recorded).
    whenEmpty: "fine",
  };
  return readCallOrNothing(caller, call, readContact, "a contact");
}

export async function addressOfPhone(
  caller: ApiCaller,
  session: string,
  phone: string,
): Promise<string | undefined> {
  const call: ApiCall = {
    method: "GET",
    path: "/api/contacts/check-exists",
    query: { session, phone },
  };
  // A missing word must not pass for "has no WhatsApp".
  const readExists = (value: unknown) => {
    const exists = booleanOf(objectOf(value)["numberExists"]);
    return exists === undefined ? undefined : { exists, id: objectOf(value)["chatId"] };
  };
  const { exists, id } = await readCall(caller, call, readExists, "a word about a number");
  return exists ? readContact({ id })?.jid : undefined;
}

export async function pictureOf(
  caller: ApiCaller,
  session: string,
  contactId: string,
): Promise<string | undefined> {
  const call: ApiCall = {
    method: "GET",
    path: "/api/contacts/profile-picture",
    query: { session, contactId },
  };
  const readPicture = (value: unknown) =>
    isObject(value) && "profilePictureURL" in value
      ? { url: value["profilePictureURL"] }
      : undefined;
  return textOf((await readCall(caller, call, readPicture, "a picture's address")).url);
}

export function lidsPage(
  caller: ApiCaller,
  session: string,
  { limit = 100, offset = 0 }: WahaPage,
): Promise<readonly WahaLid[]> {
  const query = { limit, offset };
  return listCall(
    caller,
    { method: "GET", path: "/api/:session/lids", parts: { session }, query },
    readLid,
  );
}

export function lidOf(caller: ApiCaller, session: string, phone: string): Promise<WahaLid> {
  const path = "/api/:session/lids/pn/:phone";
  return readCall(caller, { method: "GET", path, parts: { session, phone } }, readLid, "a LID");
}

export function phoneOf(caller: ApiCaller, session: string, lid: string): Promise<WahaLid> {
  const path = "/api/:session/lids/:lid";
  return readCall(caller, { method: "GET", path, parts: { session, lid } }, readLid, "a LID");
}
