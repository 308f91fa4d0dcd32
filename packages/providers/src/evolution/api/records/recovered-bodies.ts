import type { JsonObject } from "../../../contract.ts";
import { listOf, member, objectAt, wordAt } from "../../../message/index.ts";
import type { EvolutionInstance } from "../read-answers.ts";
import type { StoredMessage } from "./stored-messages.ts";

/**
 * A stored message as the webhook bodies that it would have been, for the same reading as every other
 * body: the identities come out the same, so a message that came both ways is one event. First the
 * message, then each delivery state that the server stored for it, oldest first.
 *
 * A row has no moment of emission and no token, and of a delivery state no time. Whether the API or the
 * phone sent a message is not stored either; only the EVOLUTION channel leaves a bare number as the
 * chat of what its API sent (recorded).
 */
export function evolutionMessageBodies(
  instance: Pick<EvolutionInstance, "name" | "id" | "ownerJid">,
  message: StoredMessage,
): readonly JsonObject[] {
  const { MessageUpdate: updates, ...row } = message.record;
  const envelope = {
    instance: instance.name,
    ...(instance.ownerJid === undefined ? {} : { sender: instance.ownerJid }),
  };
  const key = objectAt(row, "key");
  const isBare = /^\d+$/.test(wordAt(key, "remoteJid") ?? "");
  const event = message.fromMe && isBare ? "send.message" : "messages.upsert";
  return [
    { event, ...envelope, data: row },
    ...listOf(updates).flatMap((update): readonly JsonObject[] => {
      const status = wordAt(update, "status");
      if (status === undefined) return [];
      const data = {
        keyId: message.id,
        remoteJid: member(key, "remoteJid"),
        fromMe: message.fromMe,
        participant: member(key, "participant"),
        status,
        instanceId: member(row, "instanceId") ?? instance.id,
      };
      return [{ event: "messages.update", ...envelope, data }];
    }),
  ];
}
