import {
  wahaMessageBody,
  type JsonObject,
  type WahaMessageRecord,
  type WahaSession,
} from "@recado/providers";

type Session = Pick<WahaSession, "name" | "engine" | "account">;

/** From here on a tick says more than that the message exists: 1 sent, 3 read. */
const lowestOfOwn = 1;
const lowestOfIncoming = 3;
const error = -1;

/** The message as a webhook tells it, then its tick, where it says more than the message does. */
export function bodiesOf(session: Session, record: WahaMessageRecord): readonly JsonObject[] {
  const message = wahaMessageBody(session, record);
  const { ack, id } = record.raw;
  const lowest = record.fromMe ? lowestOfOwn : lowestOfIncoming;
  const says = typeof ack === "number" && (ack >= lowest || (ack === error && record.fromMe));
  // In groups a tick is one reader's, and the record does not say whose.
  const isGroup = typeof id === "string" && id.split("_")[1]?.endsWith("@g.us") === true;
  if (!says || isGroup) return [message];
  return [message, { ...message, event: "message.ack", payload: tickOf(record.raw) }];
}

/** Members of an ack's payload (recorded): the message's own place, and no content. */
const tickMembers = ["id", "from", "to", "participant", "fromMe", "ack", "ackName"] as const;

function tickOf(raw: JsonObject): JsonObject {
  const tick: Record<string, unknown> = {};
  for (const name of tickMembers) if (raw[name] !== undefined) tick[name] = raw[name];
  const data = raw["_data"];
  const key =
    typeof data === "object" && data !== null && !Array.isArray(data)
      ? (data as JsonObject)["key"]
      : undefined;
  return key === undefined ? tick : { ...tick, _data: { key } };
}
