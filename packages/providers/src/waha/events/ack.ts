import type { EventDraft, JsonObject } from "../../contract.ts";
import { lasting } from "../../identity.ts";

import { ackOf } from "../acknowledgement.ts";
import { receiptWhereabouts } from "../address.ts";
import { objectAt, wordOf, type WahaEvent } from "../wire.ts";
import { occurred, providerEvent } from "../draft.ts";

/** When the receipt was given; WEBJS's payload has only the message's own time, which is another. */
function receiptTimes(payload: JsonObject): readonly unknown[] {
  const data = objectAt(payload, "_data");
  const receipt = objectAt(data, "receipt");
  return [
    receipt["playedTimestamp"],
    receipt["readTimestamp"],
    receipt["receiptTimestamp"],
    data["MessageIDs"] === undefined ? undefined : data["Timestamp"],
  ];
}

/** `message.ack` and `message.ack.group`, which carry the same fact since 2025.12.2 and before. */
export function ackDrafts(event: WahaEvent): readonly EventDraft[] {
  const { payload } = event;
  const ack = ackOf(payload);
  const where = receiptWhereabouts(payload, event.account);
  if (ack === undefined)
    return [providerEvent(event, "missing_ack", `${event.name} without an ack`)];
  if (where?.waId === undefined) {
    return [providerEvent(event, "missing_message_id", `${event.name} that names no message`)];
  }
  const { chat, contact, fromMe, waId, participant } = where;
  const failedIncoming = ack.status === -1 && !fromMe;
  const unknown =
    ack.status === null ? `unknown ack ${wordOf(payload["ack"]) ?? "null"}` : undefined;
  return [
    {
      type: "message.acked",
      identity: lasting(
        "ack",
        fromMe,
        { jid: chat.id },
        waId,
        participant,
        ack.status ?? ack.statusName ?? null,
      ),
      ...occurred(event, ...receiptTimes(payload)),
      chat,
      ...(contact === undefined ? {} : { contact }),
      fromMe,
      data: {
        messageId: waId,
        status: failedIncoming ? null : ack.status,
        ...(ack.statusName === undefined ? {} : { statusName: ack.statusName }),
        ...(contact !== undefined && chat.kind !== "person" ? { participant: contact } : {}),
        ...(unknown === undefined ? {} : { warnings: [unknown] }),
      },
    },
  ];
}
