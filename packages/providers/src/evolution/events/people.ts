import type { EventDraft } from "../../contract.ts";
import { chatAt, contactFrom, parseJid } from "../../jid.ts";
import { firstMember, integerOf, member, objectOf, textOf, wordAt } from "../../message/index.ts";
import { nameFor } from "../address.ts";
import { boundToBody, unread } from "../draft.ts";
import { rowsOf, type Webhook } from "../wire.ts";

/** `contacts.*` and `chats.*`: lists or single objects, version 1 with `id`, version 2 with `remoteJid`. */

/** Where a row says whom it is about. In version 2 `id` may be the database's row, which is no address. */
function addressesOf(row: unknown): readonly unknown[] {
  return [
    ...["remoteJid", "remoteJidAlt", "id", "jid", "phoneNumber", "lid"].map((name) =>
      member(row, name),
    ),
    row,
  ].filter((value) => parseJid(value) !== undefined);
}

export function contactDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data, "contacts").map((row, index) => contactDraft(webhook, row, index));
}

/**
 * With a message in a group the row names the group as the address and the *writer* as the name: the
 * name belongs to neither, so it is left in the raw event.
 */
function contactDraft(webhook: Webhook, row: unknown, index: number): EventDraft {
  if (objectOf(row) === undefined) return unread(webhook, index, "missing_data");
  const addresses = addressesOf(row);
  const main = parseJid(addresses[0]);
  const isPlace = main !== undefined && main.kind !== "person";
  const name = nameFor(
    firstMember(row, "pushName", "name", "notify", "verifiedName"),
    addresses,
  )?.trim();
  const pictureUrl = wordAt(row, "profilePicUrl", "profilePictureUrl", "imgUrl");
  const contact = isPlace ? undefined : contactFrom(addresses, name);
  const warning = isPlace ? "name_of_a_participant" : main === undefined ? "no_address" : undefined;
  return {
    type: "contact.updated",
    identity: boundToBody(webhook, index),
    ...(isPlace ? { chat: chatAt(main) } : {}),
    ...(contact ? { contact } : {}),
    data: {
      ...(name && !isPlace ? { name } : {}),
      ...(pictureUrl === undefined ? {} : { pictureUrl }),
      ...(warning === undefined ? {} : { warnings: [warning] }),
    },
  };
}

export function chatDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data, "chats").map((row, index) => chatDraft(webhook, row, index));
}

/** After each `messages.update` a row with zero unread messages follows, whatever the truth. */
function chatDraft(webhook: Webhook, row: unknown, index: number): EventDraft {
  if (objectOf(row) === undefined) return unread(webhook, index, "missing_data");
  const addresses = addressesOf(row);
  const contact = contactFrom(addresses);
  const chat = parseJid(contact?.jid ?? addresses[0]);
  const name = nameFor(member(row, "name"), addresses)?.trim();
  const unreadMessages = integerOf(firstMember(row, "unreadMessages", "unreadCount"));
  const archived = firstMember(row, "archived", "archive");
  const isFiller = unreadMessages === 0 && !name;
  const warnings = [
    ...(isFiller ? ["unread_may_be_a_filler"] : []),
    ...(chat ? [] : ["no_address"]),
  ];
  return {
    type: "chat.updated",
    identity: boundToBody(webhook, index),
    ...(chat ? { chat: chatAt(chat) } : {}),
    ...(contact ? { contact } : {}),
    data: {
      ...(name ? { name } : {}),
      ...(unreadMessages === undefined ? {} : { unread: unreadMessages }),
      ...(typeof archived === "boolean" ? { archived } : {}),
      ...(warnings.length > 0 ? { warnings } : {}),
    },
  };
}

/** `chats.delete`: a list of addresses. */
export function chatDeletedDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data, "chats").map((row, index) => {
    const jid = parseJid(textOf(row) ?? addressesOf(row)[0]);
    if (jid === undefined) return unread(webhook, index, "missing_data");
    const contact = contactFrom([jid.id]);
    return {
      type: "chat.deleted",
      identity: boundToBody(webhook, index),
      chat: chatAt(jid),
      ...(contact ? { contact } : {}),
      data: {},
    };
  });
}
