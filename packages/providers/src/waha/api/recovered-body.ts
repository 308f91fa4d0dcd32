import type { JsonObject } from "../../contract.ts";
import type { WahaMessageRecord } from "./messages-since.ts";
import type { WahaSession } from "./read-answers.ts";

/**
 * A message of the history as the webhook body that it would have been, for the same reading as every
 * other body: the identity comes out the same, so a message that came both ways is one event.
 *
 * The text is the one of today: WAHA shows the latest edit. There is no envelope id, since no envelope
 * was ever sent.
 */
export function wahaMessageBody(
  session: Pick<WahaSession, "name" | "engine" | "account">,
  record: WahaMessageRecord,
): JsonObject {
  const { account, engine } = session;
  const me =
    account === undefined
      ? null
      : {
          id: account.jid,
          ...(account.lid === undefined ? {} : { lid: account.lid }),
          ...(account.name === undefined ? {} : { pushName: account.name }),
        };
  return {
    event: "message.any",
    session: session.name,
    timestamp: record.sentAt,
    me,
    payload: record.raw,
    ...(engine === undefined ? {} : { engine }),
  };
}
