import { describe, expect, it } from "vitest";
import type { EventDraft, JsonObject } from "../contract.ts";
import { expectValidDraft } from "../testing/draft-rules.ts";
import { summaryOf } from "../testing/expectation.ts";
import { contextFor } from "../testing/provider-suite.ts";
import { evolution } from "./index.ts";

/** Members of each family that no recording holds: the same facts in other places and spellings. */

const maria = "5511900000201@s.whatsapp.net";
const mariaLid = "200000000000201@lid";
const own = "5511900000100@s.whatsapp.net";
const group = "120363000000000201@g.us";
const seconds = 1_795_512_290;
const iso = "2026-11-24T09:24:50.000Z";
const isoMs = "2026-11-24T09:24:50.123Z";

function webhook(event: string, data: unknown, more: JsonObject = {}): JsonObject {
  return {
    event,
    instance: "loja",
    data,
    date_time: "2026-11-24T09:40:00.000Z",
    sender: own,
    ...more,
  };
}

function drafts(body: JsonObject): readonly EventDraft[] {
  const found = evolution.normalise(body, contextFor(body));
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

function upsert(keyMembers: JsonObject, row: JsonObject = {}): JsonObject {
  return webhook("messages.upsert", {
    key: { id: "A1", fromMe: false, ...keyMembers },
    message: { conversation: "oi" },
    messageTimestamp: seconds,
    pushName: "Maria",
    ...row,
  });
}

describe("who and where, by version", () => {
  const phone = { chat: maria, contact: maria, phone: "5511900000201" };
  const pair = { ...phone, lid: mariaLid };

  it.each<[string, JsonObject, JsonObject]>([
    ["a device behind the phone", { remoteJid: "5511900000201:12@c.us" }, phone],
    [
      "a device behind the LID",
      { remoteJid: "200000000000201:12@lid", senderPn: "5511900000201:3@s.whatsapp.net" },
      pair,
    ],
    ["a LID beside the phone", { remoteJid: maria, senderLid: "200000000000201:3@lid" }, pair],
    ["the LID as previous address", { remoteJid: maria, previousRemoteJid: mariaLid }, pair],
    [
      "phone and LID the other way round",
      { remoteJid: maria, remoteJidAlt: mariaLid, addressingMode: "pn" },
      pair,
    ],
    [
      "the author of a status by LID",
      { remoteJid: "status@broadcast", participant: mariaLid, participantAlt: maria },
      { ...pair, chat: "status@broadcast" },
    ],
    [
      "the author in a group, of 2.3.0",
      { remoteJid: group, participant: "200000000000201:7@lid", participantPn: maria },
      { ...pair, chat: group },
    ],
    [
      "a group of the old style",
      { remoteJid: "5511900000131-1512345678@g.us", participant: "5511900000201:2@s.whatsapp.net" },
      { ...phone, chat: "5511900000131-1512345678@g.us" },
    ],
    [
      "a broadcast list",
      { remoteJid: "1512345678@broadcast", participant: maria },
      { ...phone, chat: "1512345678@broadcast" },
    ],
    [
      "an assistant of WhatsApp's",
      { remoteJid: "867051314767696@bot" },
      { chat: "867051314767696@bot", contact: "867051314767696@bot" },
    ],
  ])("%s", (_name, address, expected) => {
    const { type, chat, contact, phone: digits, lid, name } = only(upsert(address));
    const told = { type, chat, contact, phone: digits, lid, name };
    expect(told).toEqual({
      phone: undefined,
      lid: undefined,
      ...expected,
      type: "message.received",
      name: "Maria",
    });
  });

  it.each<[string, JsonObject]>([
    ["no address", {}],
    ["null", { remoteJid: null }],
    ["a number", { remoteJid: 5511900000201 }],
    ["digits without a server", { remoteJid: "5511900000201" }],
  ])("invents no chat and no person out of %s", (_name, address) => {
    const said = only(upsert(address));
    expect(said).toMatchObject({ type: "message.received", content: "text" });
    expect([said["chat"], said["contact"], said["phone"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("times in every spelling", () => {
  it.each<[string, unknown, string | undefined]>([
    ["seconds", seconds, iso],
    ["decimal text", String(seconds), iso],
    ["a Long", { low: seconds, high: 0, unsigned: true }, iso],
    ["milliseconds as text", `${seconds}123`, isoMs],
    ["ISO text", isoMs, isoMs],
    ["null", null, undefined],
    ["a wall time without a zone", "2026-11-24T09:24:50", undefined],
  ])("%s", (_name, time, expected) => {
    const bodies = [
      upsert({ remoteJid: maria }, { messageTimestamp: time }),
      upsert(
        { remoteJid: maria },
        { messageTimestamp: time, message: { reactionMessage: { key: { id: "T" }, text: "👍" } } },
      ),
      webhook("call", { id: "C", from: maria, status: "offer", date: time }),
      webhook("messages.update", {
        id: "A",
        remoteJid: maria,
        fromMe: true,
        status: "READ",
        datetime: time,
      }),
      webhook("messages.edited", {
        key: { id: "A" },
        type: "MESSAGE_EDIT",
        editedMessage: { conversation: "b" },
        timestampMs: time,
      }),
      webhook("status.instance", {
        status: "closed",
        disconnectionReasonCode: 401,
        disconnectionAt: time,
      }),
    ];
    expect(bodies.map((body) => only(body)["occurredAt"])).toEqual(bodies.map(() => expected));
  });
});

describe("changes of a message, by the event that brings them", () => {
  const update = (more: JsonObject) =>
    webhook("messages.update", { keyId: "A", remoteJid: maria, fromMe: false, ...more });
  const protocol = {
    key: { id: "A" },
    type: 14,
    editedMessage: { conversation: "b" },
    timestampMs: `${seconds}123`,
  };

  it.each<[string, JsonObject, JsonObject]>([
    [
      "text in two wrappers",
      update({
        status: "SERVER_ACK",
        message: { editedMessage: { message: { conversation: "b" } } },
      }),
      {},
    ],
    ["text in one wrapper", update({ message: { editedMessage: { conversation: "b" } } }), {}],
    [
      "a protocol message",
      update({ message: { protocolMessage: protocol } }),
      { occurredAt: isoMs },
    ],
    [
      "a protocol message in wrappers",
      update({ message: { editedMessage: { message: { protocolMessage: protocol } } } }),
      { occurredAt: isoMs },
    ],
    [
      "the library's form",
      webhook("messages.update", [
        {
          key: { id: "A", remoteJid: maria, fromMe: false },
          update: {
            message: { editedMessage: { message: { conversation: "b" } } },
            messageTimestamp: seconds,
          },
        },
      ]),
      { occurredAt: iso },
    ],
    [
      "a row around the protocol message",
      webhook("messages.edited", {
        key: { id: "B", remoteJid: maria, fromMe: false },
        message: { protocolMessage: protocol },
      }),
      { occurredAt: isoMs },
    ],
  ])("an edit: %s", (_name, body, more) => {
    expect(only(body)).toMatchObject({
      type: "message.edited",
      chat: maria,
      fromMe: false,
      data: { messageId: "A", content: { kind: "text", text: "b" } },
      ...more,
    });
  });

  it("one deletion has one identity in each of its events", () => {
    const deletions = [
      webhook("messages.delete", { id: "A", remoteJid: maria, fromMe: "false" }),
      webhook("messages.delete", { keys: [{ id: "A", remoteJid: mariaLid, fromMe: false }] }),
      webhook("MESSAGES_EDITED", { key: { id: "A" }, type: 0 }),
      upsert(
        { id: "B", remoteJid: maria },
        { message: { protocolMessage: { key: { id: "A" }, type: "REVOKE" } } },
      ),
      webhook("messages.update", [
        { key: { id: "A", remoteJid: maria }, update: { message: null, messageStubType: "1" } },
      ]),
    ];
    expect(new Set(deletions.map(key)).size).toBe(1);
    expect(deletions.map((body) => only(body)["type"])).toEqual(
      deletions.map(() => "message.deleted"),
    );
  });

  it("an empty list of votes beside a state is a state", () => {
    expect(only(update({ fromMe: true, status: "READ", pollUpdates: [] }))).toMatchObject({
      type: "message.acked",
      data: { status: 3 },
    });
  });

  it("our own message in a group is one, whether or not it repeats that we wrote it", () => {
    const sent = webhook("send.message", {
      key: { id: "A", remoteJid: group, fromMe: true },
      message: { conversation: "oi" },
    });
    const echoes = [
      upsert({
        id: "A",
        remoteJid: group,
        fromMe: true,
        participant: "100000000000100@lid",
        participantAlt: own,
      }),
      upsert({ id: "A", remoteJid: group, fromMe: true, participant: "100000000000100:3@lid" }),
    ];
    expect(echoes.map(key)).toEqual(echoes.map(() => key(sent)));
  });
});

describe("calls and connections", () => {
  const pair = { contact: maria, lid: mariaLid, phone: "5511900000201" };

  it.each<[string, JsonObject, JsonObject]>([
    [
      "a caller by LID with the phone beside it",
      { chatId: mariaLid, from: mariaLid, callerPn: maria },
      { chat: maria, ...pair },
    ],
    [
      "a group's call under the caller's address",
      { chatId: mariaLid, from: mariaLid, callerPn: maria, groupJid: group },
      { chat: group, ...pair },
    ],
    [
      "a call of ours, under our own LID",
      { chatId: maria, from: "100000000000100@lid", callerPn: own },
      { chat: maria, contact: maria, phone: "5511900000201" },
    ],
  ])("%s", (_name, members, expected) => {
    const said = only(webhook("call", { id: "C1", status: "offer", date: iso, ...members }));
    expect(said).toMatchObject({ type: "call.received", occurredAt: iso, ...expected });
    expect(said["lid"]).toBe((expected as { lid?: string }).lid);
  });

  it("a stanza says the caller's phone and group in its own words", () => {
    const attrs = {
      "call-id": "C1",
      "call-creator": mariaLid,
      caller_pn: maria,
      "group-jid": group,
    };
    const packet = {
      tag: "call",
      attrs: { from: mariaLid, t: String(seconds) },
      content: [{ tag: "offer", attrs }],
    };
    expect(only(webhook("call", { event: "CB:call", packet }))).toMatchObject({
      chat: group,
      occurredAt: iso,
      ...pair,
    });
  });

  it("200 is no reason for a close, in whatever event", () => {
    const closed = only(webhook("connection.update", { state: "closed", statusReason: 200 }));
    expect(closed["data"]).toEqual({ state: "close", providerState: "closed" });
    const refused = only(webhook("connection.update", { state: "refused", statusReason: "200" }));
    expect(refused["data"]).toEqual({
      state: "close",
      providerState: "refused",
      reason: "qr_limit",
    });
  });

  it("states and codes in a list are one event each, with identities of their own", () => {
    const states = drafts(
      webhook("connection.update", [{ state: "connecting" }, { state: "open" }]),
    );
    expect(states.map((draft) => draft.data)).toMatchObject([
      { state: "connecting" },
      { state: "open" },
    ]);
    expect(new Set(states.map((draft) => draft.identity.key)).size).toBe(2);
    expect(drafts(webhook("qrcode.updated", [{ qrcode: { code: "2@a" } }]))[0]?.data).toEqual({
      qr: "2@a",
    });
  });
});
