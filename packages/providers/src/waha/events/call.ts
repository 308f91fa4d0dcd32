import type { EventDraft, JsonObject } from "../../contract.ts";
import { lasting } from "../../identity.ts";
import { chatAt, contactFrom, parseJid, preferPhone } from "../../jid.ts";
import { booleanOf, firstText, objectAt, wordOf, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent } from "../draft.ts";

/** What WhatsApp calls the act that WAHA's event name reports, where the engine gives no word. */
const acts: Readonly<Record<string, string>> = {
  "call.received": "offer",
  "call.accepted": "accept",
  "call.rejected": "reject",
};

function statusOf(event: WahaEvent): string {
  const data = objectAt(event.payload, "_data");
  const said = firstText(data["status"], objectAt(data, "Data")["Tag"]);
  return (said ?? acts[event.name] ?? event.name).toLowerCase();
}

/**
 * Every address given for the other person. A device of one's own that answers or rejects may be named
 * as the caller: in a direct call the contact is the other side all the same.
 */
function callerOf(event: WahaEvent, data: JsonObject): readonly unknown[] {
  const said = [
    event.payload["from"],
    data["from"],
    data["callerPn"],
    data["From"],
    data["CallCreator"],
    data["CallCreatorAlt"],
    data["chatId"],
  ];
  const own = new Set(event.account.addresses.map((address) => parseJid(address)?.id));
  const others = said.filter((value) => !own.has(parseJid(value)?.id));
  return contactFrom(others) === undefined ? said : others;
}

/** `call.received`, `call.accepted`, `call.rejected`: one call's id, told apart by the event's name. */
export function callDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  const data = objectAt(payload, "_data");
  const callId = wordOf(payload["id"]) ?? firstText(data["id"], data["CallID"]);
  const caller = callerOf(event, data);
  const contact = contactFrom(caller);
  const group = [data["groupJid"], data["GroupJID"], data["chatId"]]
    .map(parseJid)
    .find((jid) => jid?.kind === "group");
  const chat = group ?? preferPhone(...caller);
  if (callId === undefined && chat === undefined) {
    return [providerEvent(event, "missing_call", `${event.name} without a call id or a caller`)];
  }
  const video = booleanOf(payload["isVideo"]);
  const isGroup = booleanOf(payload["isGroup"]);
  return [
    {
      type: event.name === "call.received" ? "call.received" : "call.updated",
      identity:
        callId === undefined ? envelopeIdentity(event) : lasting("call", event.name, callId),
      ...occurred(event, payload["timestamp"], data["date"], data["Timestamp"]),
      ...(chat === undefined ? {} : { chat: chatAt(chat) }),
      ...(contact === undefined ? {} : { contact }),
      data: {
        ...(callId === undefined ? {} : { callId }),
        status: statusOf(event),
        ...(video === undefined ? {} : { video }),
        ...(isGroup === undefined ? {} : { group: isGroup }),
      },
    },
  ];
}
