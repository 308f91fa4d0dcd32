import { eventDataSchemas, WahaWebhookEvent } from "@recado/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contract.ts";
import { waha } from "./index.ts";
import { draftsOf, recordedEvents, reportedRequests } from "./testing/fixture.ts";

const eventNames = [
  ...Object.values(WahaWebhookEvent),
  "group.v2.participants.join-request",
  "something.new",
];

/** Member names that the code looks at, so that arbitrary values land where they hurt. */
const memberNames = [
  ..."id timestamp from fromMe to participant body media hasMedia url mimetype filename error details".split(
    " ",
  ),
  ..."ack ackName location latitude longitude live vCards replyTo reaction text messageId vote poll".split(
    " ",
  ),
  ..."selectedOptions name status statuses data qr connection lastDisconnect group participants type".split(
    " ",
  ),
  ..."presences lastKnownPresence lastSeen labelId label chatId _data key remoteJid remoteJidAlt".split(
    " ",
  ),
  ..."participantAlt senderPn message conversation protocolMessage editedMessage Info Chat Sender".split(
    " ",
  ),
  ..."SenderAlt Message IsFromMe ID MessageIDs after before revokedMessageId editedMessageId user".split(
    " ",
  ),
  ..."server _serialized remote t notifyName receipt readTimestamp toString __proto__ constructor".split(
    " ",
  ),
];

const leaf = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom(
    "5511900000009@c.us",
    "222000000000009@lid",
    "120363000000000001@g.us",
    "status@broadcast",
    "false_5511900000009@c.us_3EB0A1",
    "true_120363000000000001@g.us_3EB0A2_222000000000021@lid",
    "@",
    "_",
    "true__",
    1785000005,
    "1785000005",
    -1,
    Number.MAX_SAFE_INTEGER,
  ),
);

const { payload: payloads } = fc.letrec<{ payload: unknown; node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...memberNames), tie("node"), { maxKeys: 6 }),
  ),
  payload: fc.oneof(
    fc.dictionary(fc.constantFrom(...memberNames), tie("node"), { maxKeys: 10 }),
    tie("node"),
  ),
}));

/** Every draft fits the vocabulary and can be written as JSON; none shares its identity. */
function checkDrafts(text: string): void {
  const drafts = draftsOf(text);
  expect(drafts.length).toBeGreaterThan(0);
  for (const draft of drafts) {
    const parsed = eventDataSchemas[draft.type].safeParse(draft.data);
    expect(parsed.error).toBeUndefined();
    expect(JSON.parse(draft.identity.key)).toBeInstanceOf(Array);
    if (draft.occurredAt !== undefined)
      expect(new Date(draft.occurredAt).toISOString()).toMatch(/Z$/);
  }
  expect(new Set(drafts.map(({ identity }) => identity.key)).size).toBe(drafts.length);
  const body = JSON.parse(text) as JsonObject;
  drafts.forEach((draft, index) => waha.documentedMessage(body, index, draft));
  waha.identify(body);
  waha.recognises(body);
}

describe("any payload", () => {
  it("gives at least one event of the vocabulary and never throws", () => {
    fc.assert(
      fc.property(fc.constantFrom(...eventNames), payloads, (event, payload) => {
        checkDrafts(JSON.stringify({ event, session: "s", engine: "NOWEB", payload }));
      }),
      { numRuns: 1_500 },
    );
  });

  it("may miss, or have something else in the place of, any member of a recorded body", () => {
    const bodies = [...recordedEvents(), ...reportedRequests()].map(({ text }) => text);
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.nat(), fc.option(leaf), (text, place, value) => {
        let count = 0;
        const strange = JSON.stringify(JSON.parse(text), (_key, member: unknown) =>
          count++ === (place % 120) + 1 ? value : member,
        );
        if (strange !== undefined) checkDrafts(strange);
      }),
      { numRuns: 1_500 },
    );
  });

  it("gives the same twice", () => {
    for (const { text } of recordedEvents()) expect(draftsOf(text)).toEqual(draftsOf(text));
  });
});

function only(body: JsonObject) {
  const drafts = draftsOf(JSON.stringify(body));
  expect(drafts).toHaveLength(1);
  return drafts[0]!;
}

describe("what is not understood", () => {
  it.each([
    ["no event name", { session: "s", payload: {} }, "missing_event"],
    [
      "an event of a newer WAHA",
      { event: "message.pinned", session: "s", payload: {} },
      "unknown_event",
    ],
    ["no payload", { event: "message", session: "s", engine: "NOWEB" }, "missing_payload"],
    [
      "a payload that is a list",
      { event: "message", session: "s", payload: [] },
      "missing_payload",
    ],
    [
      "a message without a chat",
      { event: "message", session: "s", payload: { body: "oi" } },
      "missing_chat",
    ],
    [
      "a message without an id",
      { event: "message", session: "s", payload: { from: "5511900000009@c.us" } },
      "missing_message_id",
    ],
    [
      "an ack without a value",
      { event: "message.ack", session: "s", payload: { id: "true_5511900000009@c.us_A" } },
      "missing_ack",
    ],
    [
      "an ack of nothing",
      { event: "message.ack", session: "s", payload: { ack: 3 } },
      "missing_message_id",
    ],
    [
      "a reaction without one",
      { event: "message.reaction", session: "s", payload: { id: "false_5511900000009@c.us_A" } },
      "missing_reaction",
    ],
    [
      "a status without one",
      { event: "session.status", session: "s", payload: { name: "s" } },
      "missing_status",
    ],
    ["another program's event", { event: "onmessage", session: "s", body: "oi" }, "foreign_shape"],
    [
      "Evolution's event of the same name",
      { event: "presence.update", instance: "s", data: {} },
      "foreign_shape",
    ],
  ])("is kept with a reason: %s", (_what, body, reason) => {
    expect(only(body)).toMatchObject({ type: "provider.event", data: { reason } });
  });

  it("changes no state when another program says that a session is connected", () => {
    for (const status of ["isLogged", "inChat", "WORKING"]) {
      expect(only({ event: "status-find", status }).type).toBe("provider.event");
    }
  });

  it("keeps the chat and the person where they can be read", () => {
    const draft = only({
      event: "message",
      session: "s",
      payload: { from: "5511900000009@c.us", timestamp: 1785000005 },
    });
    expect(draft).toMatchObject({
      chat: { id: "5511900000009@s.whatsapp.net", kind: "person" },
      contact: { phone: "5511900000009" },
      occurredAt: 1_785_000_005_000,
    });
  });
});

describe("times", () => {
  const at = (timestamp: unknown) =>
    only({
      event: "message",
      session: "s",
      timestamp: 1_795_561_061_682,
      payload: { id: "false_5511900000009@c.us_A", body: "oi", timestamp },
    }).occurredAt;

  it.each([
    ["seconds", 1785000005, 1_785_000_005_000],
    ["seconds as text", "1785000005", 1_785_000_005_000],
    ["fractions of a second", 1785000005.123, 1_785_000_005_123],
    ["milliseconds", 1_785_000_005_123, 1_785_000_005_123],
    ["ISO text with a zone", "2026-07-25T14:20:05-03:00", 1_785_000_005_000],
    ["a date of Go that is none", "0001-01-01T00:00:00Z", 1_795_561_061_682],
    ["nothing", null, 1_795_561_061_682],
  ])("%s", (_what, timestamp, expected) => {
    expect(at(timestamp)).toBe(expected);
  });
});
