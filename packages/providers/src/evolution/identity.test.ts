import { describe, expect, it } from "vitest";
import type { EventDraft, JsonObject } from "../contract.ts";
import { loadFixtures } from "../testing/fixtures.ts";
import { contextFor } from "../testing/provider-suite.ts";
import { evolution } from "./index.ts";

const fixtures = new Map(
  loadFixtures(new URL("fixtures/", import.meta.url)).map(({ name, body }) => [
    name,
    body as JsonObject,
  ]),
);

function fixture(name: string): JsonObject {
  return fixtures.get(name) ?? fixtures.get(`events/${name}.json`) ?? {};
}

function normalise(body: JsonObject): readonly EventDraft[] {
  return evolution.normalise(body, contextFor(body));
}

/** A webhook of the instance `loja`, whose own number is 5511900000100. */
function webhook(event: string, data: unknown, more: JsonObject = {}): JsonObject {
  return {
    event,
    instance: "loja",
    data,
    date_time: "2026-11-24T09:40:00.000Z",
    sender: "5511900000100@s.whatsapp.net",
    ...more,
  };
}

function keys(...bodies: readonly JsonObject[]): readonly string[] {
  return bodies.flatMap((body) => normalise(body).map((draft) => draft.identity.key));
}

const maria = "5511900000201@s.whatsapp.net";
const mariaLid = "200000000000201@lid";

describe("the same occurrence has one identity", () => {
  const zoo = (name: string) => fixture(`zoo/${name}`);

  it.each<[string, JsonObject, JsonObject]>([
    [
      "a message emitted again after a reconnect",
      fixture("messages.upsert.duplicate-redelivery-a"),
      fixture("messages.upsert.duplicate-redelivery-b"),
    ],
    [
      "a message repeated hours later",
      zoo("009-evo-repeat-hours-later.json#1"),
      zoo("009-evo-repeat-hours-later.json#4"),
    ],
    [
      "a Meta message with another customer's address",
      zoo("040-evo-cloud-api-wamid.json#1"),
      zoo("040-evo-cloud-api-wamid.json#2"),
    ],
    [
      "a message without and then with its content",
      zoo("078-evo-upsert-without-message-key.json#1"),
      zoo("078-evo-upsert-without-message-key.json#2"),
    ],
    [
      "a deletion announced as protocol message and as deletion",
      fixture("messages.edited.revoke"),
      fixture("messages.delete.by-contact"),
    ],
    ["a QR code shown twice", zoo("012-evo-qr-loop.json#2"), zoo("012-evo-qr-loop.json#3")],
    [
      "a call as webhook and as WhatsApp's stanza",
      fixture("call.offer"),
      fixture("call.raw-websocket-only"),
    ],
    [
      "a state as word and as number",
      webhook("messages.update", { keyId: "A", remoteJid: maria, fromMe: true, status: "READ" }),
      webhook("messages.update", [
        { key: { id: "A", remoteJid: mariaLid, fromMe: true }, update: { status: 4 } },
      ]),
    ],
    [
      "an edit as protocol message and inside a message",
      webhook("messages.edited", {
        key: { id: "A" },
        type: "MESSAGE_EDIT",
        editedMessage: { conversation: "b" },
        timestampMs: "1795512290123",
      }),
      webhook("messages.upsert", {
        key: { id: "B", remoteJid: maria },
        message: {
          protocolMessage: {
            key: { id: "A" },
            type: 14,
            editedMessage: { conversation: "b" },
            timestampMs: 1795512290123,
          },
        },
      }),
    ],
    [
      "a label deleted twice within milliseconds",
      webhook("labels.edit", { id: "6", name: "VIP", color: 3, deleted: true }),
      webhook(
        "labels.edit",
        { id: "6", name: "VIP", color: 3, deleted: true },
        { date_time: "2026-11-24T09:40:00.012Z" },
      ),
    ],
  ])("%s", (_name, one, other) => {
    expect(keys(one)).toEqual(keys(other));
  });

  it("leaves the address of a LID and of its phone to the resolution of aliases", () => {
    const [lid, phone] = [1, 2].map(
      (n) => JSON.parse(keys(zoo(`005-evo-same-id-lid-and-phone.json#${n}`))[0] ?? "") as unknown,
    );
    expect(lid).toEqual([
      "message",
      "3EB016082228980B5379DE",
      false,
      { jid: "120000000000105@lid" },
    ]);
    expect(phone).toEqual([
      "message",
      "3EB016082228980B5379DE",
      false,
      { jid: "5511900000105@s.whatsapp.net" },
    ]);
  });
});

describe("different occurrences have different identities", () => {
  const message = (key: JsonObject) =>
    webhook("messages.upsert", { key, message: { conversation: "oi" } });
  const state = (more: JsonObject) =>
    webhook("messages.update", {
      keyId: "A",
      remoteJid: maria,
      fromMe: true,
      status: "READ",
      ...more,
    });
  const edited = (timestampMs: string) =>
    webhook("messages.edited", {
      key: { id: "A" },
      type: "MESSAGE_EDIT",
      editedMessage: { conversation: "b" },
      timestampMs,
    });
  const unsaid = (date_time: string) =>
    webhook(
      "messages.update",
      { keyId: "A", remoteJid: maria, fromMe: false, status: "DELETED" },
      { date_time },
    );
  const label = (date_time: string) =>
    webhook("labels.association", { type: "add", chatId: maria, labelId: "6" }, { date_time });

  it.each<[string, JsonObject, JsonObject]>([
    [
      "one id in two chats",
      message({ id: "A", remoteJid: maria }),
      message({ id: "A", remoteJid: "5511900000202@s.whatsapp.net" }),
    ],
    [
      "one id in both directions",
      message({ id: "A", remoteJid: maria }),
      message({ id: "A", remoteJid: maria, fromMe: true }),
    ],
    [
      "one id of two people in a group",
      message({ id: "A", remoteJid: "120363000000000201@g.us", participant: maria }),
      message({
        id: "A",
        remoteJid: "120363000000000201@g.us",
        participant: "5511900000202@s.whatsapp.net",
      }),
    ],
    ["an edit and a later edit", edited("1795512290123"), edited("1795512350123")],
    [
      "two edits whose text is not said",
      unsaid("2026-11-24T09:40:00.000Z"),
      unsaid("2026-11-24T09:41:00.000Z"),
    ],
    ["delivered and read", state({ status: "DELIVERY_ACK" }), state({})],
    ["their reading and ours", state({}), state({ fromMe: false })],
    ["a label put on again", label("2026-11-24T09:40:00.000Z"), label("2026-11-24T09:45:00.000Z")],
    ["ringing and timeout of one call", fixture("call.ringing"), fixture("call.timeout")],
    [
      "two calls without an id",
      fixture("zoo/096-evo-call-and-auto-answer.json#3"),
      fixture("zoo/096-evo-call-and-auto-answer.json#4"),
    ],
    [
      "equal connection states at two moments",
      fixture("zoo/010-evo-connection-storm.json#1"),
      fixture("zoo/010-evo-connection-storm.json#3"),
    ],
  ])("%s", (_name, one, other) => {
    expect(keys(one)).not.toEqual(keys(other));
  });

  it("tells the rows of one body apart, and lets what is bound to its body be forgotten", () => {
    const body = fixture("chats.delete");
    expect(new Set(keys(body)).size).toBe(2);
    expect(normalise(body).map((draft) => draft.identity.windowMs)).toEqual([2_100_000, 2_100_000]);
    expect(normalise(fixture("messages.upsert.image"))[0]?.identity.windowMs).toBeUndefined();
  });
});
