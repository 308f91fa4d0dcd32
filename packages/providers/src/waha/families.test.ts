import { describe, expect, it } from "vitest";
import type { EventDraft, JsonObject } from "../contract.ts";
import { expectValidDraft } from "../testing/draft-rules.ts";
import { summaryOf } from "../testing/expectation.ts";
import { contextFor } from "../testing/provider-suite.ts";
import { waha } from "./index.ts";

/** Members of each family that no recording holds: the same facts in other places and spellings. */

const maria = "5511900000201@s.whatsapp.net";
const mariaWid = "5511900000201@c.us";
const mariaLid = "200000000000201@lid";
const group = "120363000000000201@g.us";
const seconds = 1_795_512_290;
const iso = "2026-11-24T09:24:50.000Z";
const built = "2026-11-24T09:40:00.123Z";
const pair = { contact: maria, lid: mariaLid, phone: "5511900000201" };

function webhook(event: string, payload: unknown, more: JsonObject = {}): JsonObject {
  return {
    id: "evt_01",
    timestamp: Date.parse(built),
    event,
    session: "loja",
    me: { id: "5511900000100@c.us", lid: "100000000000100@lid", pushName: "Loja" },
    payload,
    engine: "NOWEB",
    environment: { version: "2026.2.1", engine: "NOWEB", tier: "CORE" },
    ...more,
  };
}

function drafts(body: JsonObject): readonly EventDraft[] {
  const found = waha.normalise(body, contextFor(body));
  found.forEach(expectValidDraft);
  return found;
}

function only(body: JsonObject): Record<string, unknown> {
  const found = drafts(body);
  expect(found).toHaveLength(1);
  const [draft] = found as [EventDraft];
  return { ...summaryOf(draft), data: draft.data };
}

function key(body: JsonObject): string | undefined {
  return drafts(body)[0]?.identity.key;
}

function noweb(keyMembers: JsonObject, more: JsonObject = {}): JsonObject {
  const remote = String(keyMembers["remoteJid"]);
  const fromMe = keyMembers["fromMe"] === true;
  return {
    id: `${fromMe}_${remote}_A1`,
    timestamp: seconds,
    from: remote,
    fromMe,
    body: "oi",
    _data: { key: { id: "A1", fromMe: false, ...keyMembers }, message: { conversation: "oi" } },
    ...more,
  };
}

describe("who and where, by engine", () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      "NOWEB: a LID with the phone beside it",
      noweb({ remoteJid: mariaLid, remoteJidAlt: "5511900000201:3@s.whatsapp.net" }),
      { chat: maria, ...pair },
    ],
    [
      "NOWEB: the author of a broadcast list by LID",
      noweb({ remoteJid: "1512345678@broadcast", participant: mariaLid, participantAlt: maria }),
      { chat: "1512345678@broadcast", ...pair },
    ],
    [
      "NOWEB: an assistant of WhatsApp's",
      noweb({ remoteJid: "867051314767696@bot" }),
      { chat: "867051314767696@bot", contact: "867051314767696@bot" },
    ],
    [
      "GOWS: devices behind LID and phone",
      {
        id: `false_${mariaLid}_A1`,
        timestamp: seconds,
        from: mariaLid,
        fromMe: false,
        body: "oi",
        to: null,
        participant: null,
        _data: {
          Info: {
            Chat: mariaLid,
            Sender: "200000000000201:5@lid",
            SenderAlt: "5511900000201:5@s.whatsapp.net",
            ID: "A1",
            IsFromMe: false,
          },
          Message: { conversation: "oi" },
        },
      },
      { chat: maria, ...pair },
    ],
    [
      "WEBJS: the author as an object",
      {
        id: {
          fromMe: false,
          remote: group,
          id: "A1",
          participant: { server: "c.us", user: "5511900000201" },
        },
        timestamp: seconds,
        from: group,
        fromMe: false,
        body: "oi",
        _data: {
          type: "chat",
          id: { fromMe: false, remote: group, id: "A1", participant: { _serialized: mariaWid } },
        },
      },
      { chat: group, contact: maria, phone: "5511900000201" },
    ],
  ])("%s", (_name, payload, expected) => {
    const said = only(webhook("message", payload));
    expect(said).toMatchObject({
      type: "message.received",
      content: "text",
      fromMe: false,
      ...expected,
    });
    expect([said["lid"], said["phone"]]).toEqual([
      (expected as typeof pair).lid,
      (expected as typeof pair).phone,
    ]);
  });
});

describe("times in every spelling", () => {
  it.each<[string, unknown, string]>([
    ["seconds", seconds, iso],
    ["decimal text", String(seconds), iso],
    ["milliseconds", seconds * 1000, iso],
    ["a Long", { low: seconds, high: 0, unsigned: true }, iso],
    ["fractions of a second", seconds + 0.5, "2026-11-24T09:24:50.500Z"],
    ["ISO text", "2026-11-24T06:24:50-03:00", iso],
    ["none, so that the envelope's counts", null, built],
  ])("%s", (_name, timestamp, expected) => {
    const place = { id: `false_${mariaWid}_A1`, from: mariaWid, fromMe: false };
    const bodies = [
      webhook("message", { ...place, body: "oi", timestamp }),
      webhook("message.reaction", {
        ...place,
        timestamp,
        reaction: { text: "👍", messageId: "T" },
      }),
      webhook("message.edited", { ...place, body: "b", editedMessageId: "T", timestamp }),
      webhook("message.revoked", {
        after: { ...place, timestamp },
        before: null,
        revokedMessageId: "T",
      }),
      webhook("poll.vote", {
        vote: { ...place, selectedOptions: ["a"], timestamp },
        poll: { id: "P" },
      }),
      webhook("call.received", { id: "C", from: mariaWid, timestamp }),
      webhook("group.v2.update", { group: { id: group, subject: "s" }, timestamp }),
      webhook("chat.archive", { id: mariaWid, archived: true, timestamp }),
    ];
    expect(bodies.map((body) => only(body)["occurredAt"])).toEqual(bodies.map(() => expected));
  });
});

describe("one fact in two ways", () => {
  it("our own message in a group is one, whoever's address it repeats and however", () => {
    const bodies = [
      webhook("message.any", noweb({ remoteJid: group, fromMe: true })),
      webhook(
        "message.any",
        noweb({ remoteJid: group, fromMe: true, participant: "100000000000100:3@lid" }),
        { me: null },
      ),
      webhook(
        "message.any",
        {
          id: `true_${group}_A1_5511900000100@c.us`,
          timestamp: seconds,
          fromMe: true,
          from: group,
          body: "oi",
        },
        { me: null },
      ),
    ];
    expect(new Set(bodies.map(key)).size).toBe(1);
  });

  it("an event's name means the same in any spelling", () => {
    const spellings = ["message.any", "MESSAGE_ANY", "message-any", "message"];
    const bodies = spellings.map((event) => webhook(event, noweb({ remoteJid: mariaLid })));
    expect(new Set(bodies.map(key)).size).toBe(1);
    expect(only(webhook("state.changed", { connection: "open" }))["type"]).toBe(
      "instance.connection_changed",
    );
    expect(bodies.map((body) => waha.identify(body).eventName)).toEqual([
      "message.any",
      "message.any",
      "message.any",
      "message",
    ]);
  });

  it("the receipts of two people are two facts, ours of one person one", () => {
    const receipt = (event: string, participant: string) =>
      webhook(event, {
        id: `true_${group}_A1_5511900000100@c.us`,
        from: group,
        participant,
        fromMe: true,
        ack: 3,
        ackName: "READ",
      });
    const [first, device, second] = [
      receipt("message.ack.group", mariaWid),
      receipt("message.ack", "5511900000201:7@c.us"),
      receipt("message.ack.group", "5511900000202@c.us"),
    ];
    expect(key(first)).toBe(key(device));
    expect(key(first)).not.toBe(key(second));
  });
});

describe("shapes of other engines", () => {
  it("a place is live only where something says so", () => {
    const place = (type: string, more: JsonObject) =>
      only(
        webhook("message", {
          id: `false_${mariaWid}_A1`,
          from: mariaWid,
          fromMe: false,
          _data: { type, lat: -23.5, lng: -46.6, ...more },
        }),
      )["data"];
    const content = { kind: "location", latitude: -23.5, longitude: -46.6 };
    expect(place("location", {})).toEqual({ messageId: "A1", content });
    expect(place("location", { isLive: true })).toEqual({
      messageId: "A1",
      content: { ...content, live: true },
    });
    expect(place("live_location", {})).toEqual({
      messageId: "A1",
      content: { ...content, live: true },
    });
  });

  it.each<[string, unknown]>([
    ["a text", { group: group, type: "join", participants: [mariaWid] }],
    [
      "an object of the browser's",
      {
        group: { id: { server: "g.us", user: "120363000000000201", _serialized: group } },
        type: "join",
        participants: [{ id: { _serialized: mariaWid } }],
      },
    ],
    [
      "a member beside others",
      { id: mariaWid, chatId: group, type: "join", participants: [{ id: mariaWid }] },
    ],
  ])("a group is found as %s", (_name, payload) => {
    expect(only(webhook("group.v2.participants", payload))).toMatchObject({
      type: "group.participants_changed",
      chat: group,
      data: { action: "add", participants: [{ jid: maria, phone: "5511900000201" }] },
    });
  });

  it("presence as the engine's map of addresses", () => {
    const presences = {
      [mariaWid]: { lastKnownPresence: "composing" },
      [mariaLid]: { lastKnownPresence: "offline", lastSeen: String(seconds) },
    };
    expect(only(webhook("presence.update", { id: group, presences }))).toMatchObject({
      type: "presence.updated",
      chat: group,
      data: {
        presences: [
          { jid: maria, presence: "composing" },
          { jid: mariaLid, presence: "unavailable", lastSeenAt: iso },
        ],
      },
    });
  });

  it.each([
    ["PASSKEY_REQUIRED", "connecting"],
    ["WHATEVER_COMES", "connecting"],
    ["STOPPED", "close"],
    ["WORKING", "open"],
  ])("the session status %s is %s", (status, state) => {
    const [connection, instance] = drafts(webhook("session.status", { name: "loja", status }));
    expect([connection?.data, instance?.data]).toMatchObject([
      { state, providerState: status },
      { status: state, providerStatus: status },
    ]);
  });
});
