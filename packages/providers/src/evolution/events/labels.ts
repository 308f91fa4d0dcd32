import type { EventDraft } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { chatAt, contactFrom, parseJid } from "../../jid.ts";
import { flagAt, idAt, member, objectAt, objectOf, timeMs, wordAt } from "../../message/index.ts";
import { boundToBody, unread } from "../draft.ts";
import { rowsOf, type Webhook } from "../wire.ts";

/** The server says the deletion of a label twice, milliseconds apart and with the same content. */
const twinWindowMs = 5_000;

export function labelDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data, "labels").map((row, index) => {
    if (objectOf(row) === undefined) return unread(webhook, index, "missing_data");
    const labelId = idAt(row, "id");
    const name = wordAt(row, "name");
    const color = idAt(row, "color");
    const deleted = flagAt(row, "deleted");
    const emittedAt = timeMs(webhook.dateTime);
    // Changing a label to and fro is two changes: the moment tells them apart, twins share theirs.
    const identity =
      labelId === undefined || emittedAt === undefined
        ? boundToBody(webhook, index)
        : lasting(
            "label",
            labelId,
            name ?? null,
            color ?? null,
            deleted,
            Math.round(emittedAt / twinWindowMs),
          );
    return {
      type: "label.edited",
      identity,
      data: {
        ...(labelId === undefined ? {} : { labelId }),
        ...(name === undefined ? {} : { name }),
        ...(color === undefined ? {} : { color }),
        deleted,
      },
    };
  });
}

export function labelAssignedDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data).map((row, index) => {
    const association = objectAt(row, "association") ?? row;
    const chat = parseJid(member(association, "chatId"));
    const labelId = idAt(association, "labelId");
    const action = wordAt(row, "type");
    if (chat === undefined || action === undefined) return unread(webhook, index, "missing_data");
    const contact = contactFrom([chat.id]);
    const { dateTime } = webhook;
    return {
      type: "label.assigned",
      identity:
        dateTime === undefined
          ? boundToBody(webhook, index)
          : lasting("label_of", action, { jid: chat.id }, labelId ?? null, dateTime),
      chat: chatAt(chat),
      ...(contact ? { contact } : {}),
      data: {
        ...(labelId === undefined ? {} : { labelId }),
        assigned: action.toLowerCase() === "add",
      },
    };
  });
}
