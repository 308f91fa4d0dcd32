import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../contract.ts";
import { draftsOf, recordedEvents } from "../testing/fixture.ts";
import { readMessage } from "./messages-since.ts";
import { readSession } from "./read-answers.ts";
import { wahaMessageBody } from "./recovered-body.ts";

const messages = recordedEvents().filter(({ body }) =>
  ["message", "message.any"].includes(String(body["event"])),
);

/** The recorded webhook's message, as if it had been asked for later. */
function recovered(body: JsonObject): JsonObject {
  const session = readSession({ name: body["session"], status: "WORKING", me: body["me"] });
  const record = readMessage(body["payload"]);
  if (session === undefined || record === undefined) throw new Error("the fixture is no message");
  return wahaMessageBody({ ...session, engine: String(body["engine"]) }, record);
}

describe("a message that was asked for is the same event as the one of the webhook", () => {
  it("for enough recordings to mean something", () => {
    expect(messages.length).toBeGreaterThan(30);
  });

  it.each(messages.filter(({ body }) => readMessage(body["payload"]) !== undefined))(
    "$name",
    ({ text, body }) => {
      const told = draftsOf(text).map(({ type, identity, chat }) => ({ type, identity, chat }));
      const asked = draftsOf(JSON.stringify(recovered(body)));
      expect(asked.map(({ type, identity, chat }) => ({ type, identity, chat }))).toEqual(told);
    },
  );
});
