import type { EventDraft } from "../../contract.ts";
import { chatAt, contactFrom, parseJid } from "../../jid.ts";
import { firstText, objectAt, wordOf, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent } from "../draft.ts";

/** `label.upsert`, `label.deleted`: a label itself. A deleted one comes with an empty name. */
export function labelEditedDrafts(event: WahaEvent): readonly EventDraft[] {
  const labelId = wordOf(event.payload["id"]);
  const name = firstText(event.payload["name"]);
  const color = firstText(event.payload["colorHex"]) ?? wordOf(event.payload["color"]);
  if (labelId === undefined && name === undefined) {
    return [providerEvent(event, "missing_label", `${event.name} without a label`)];
  }
  return [
    {
      type: "label.edited",
      identity: envelopeIdentity(event),
      ...occurred(event),
      data: {
        ...(labelId === undefined ? {} : { labelId }),
        ...(name === undefined ? {} : { name }),
        ...(color === undefined ? {} : { color }),
        deleted: event.name === "label.deleted",
      },
    },
  ];
}

/** `label.chat.added`, `label.chat.deleted`: a label on a chat; `label` may be null while `labelId` is set. */
export function labelAssignedDrafts(event: WahaEvent): readonly EventDraft[] {
  const label = objectAt(event.payload, "label");
  const labelId = wordOf(event.payload["labelId"]) ?? wordOf(label["id"]);
  const name = firstText(label["name"]);
  const chat = parseJid(event.payload["chatId"]);
  if (labelId === undefined && chat === undefined) {
    return [providerEvent(event, "missing_label", `${event.name} without a label or a chat`)];
  }
  const contact = contactFrom([event.payload["chatId"]]);
  return [
    {
      type: "label.assigned",
      identity: envelopeIdentity(event),
      ...occurred(event),
      ...(chat === undefined ? {} : { chat: chatAt(chat) }),
      ...(contact === undefined ? {} : { contact }),
      data: {
        ...(labelId === undefined ? {} : { labelId }),
        ...(name === undefined ? {} : { name }),
        assigned: event.name === "label.chat.added",
      },
    },
  ];
}
