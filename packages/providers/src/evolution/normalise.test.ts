import { describe, expect, it } from "vitest";
import type { EventDraft, JsonObject } from "../contract.ts";
import { documentedOf } from "../testing/documented-of.ts";
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

function first(event: string, data: unknown): EventDraft | undefined {
  return normalise(webhook(event, data))[0];
}

const maria = "5511900000201@s.whatsapp.net";
const mariaLid = "200000000000201@lid";

describe("forms that differ by version and channel", () => {
  it("makes one draft of each row, in order, also where one is bad", () => {
    const rows = [
      { key: { id: "A", remoteJid: maria }, message: { conversation: "1" } },
      null,
      { key: { id: "B", remoteJid: maria } },
    ];
    const types = ["message.received", "provider.event", "message.received"];
    for (const data of [rows, { messages: rows, type: "notify" }]) {
      const body = webhook("messages.upsert", data);
      expect(normalise(body).map((draft) => draft.type)).toEqual(types);
      expect(documentedOf(evolution, body, 2)?.key.id).toBe("B");
    }
  });

  it("keeps a message whose chat has an address of no known kind", () => {
    const draft = first("messages.upsert", {
      key: { id: "A", remoteJid: "13135550002@tomorrow" },
      message: { conversation: "oi" },
    });
    expect(draft).toMatchObject({ type: "message.received", data: { warnings: ["no_address"] } });
    expect(draft?.chat).toBeUndefined();
  });

  it("reads media of which only the link was sent, and says so where even that is null", () => {
    const sent = (mediaUrl: string | null) => ({
      key: { id: "A", remoteJid: "5511900000009", fromMe: true },
      message: { mediaUrl },
      messageType: "imageMessage",
    });
    const url = "https://s3.example.com/a.jpg";
    expect(first("send.message", sent(url))?.data).toMatchObject({
      content: { kind: "image", media: { url } },
    });
    expect(first("send.message", sent(null))).toMatchObject({
      contentMissing: true,
      data: { content: { kind: "image", unavailable: true } },
    });
  });

  it("reads a deletion and a vote in the library's own form", () => {
    const key = { id: "A", remoteJid: maria, fromMe: false };
    expect(
      first("messages.update", [{ key, update: { message: null, messageStubType: 1 } }]),
    ).toMatchObject({ type: "message.deleted", data: { messageId: "A" } });
    expect(first("messages.update", [{ key, update: { starred: true } }])).toMatchObject({
      type: "provider.event",
      data: { reason: "missing_status" },
    });
  });

  it("takes a state that the server filled in for none", () => {
    const filler = { keyId: "A", remoteJid: maria, fromMe: false, status: "SERVER_ACK" };
    expect(first("messages.update", filler)).toMatchObject({
      type: "provider.event",
      data: { reason: "filler_status" },
    });
    expect(first("messages.update", { keyId: "A", remoteJid: maria, fromMe: false })).toMatchObject(
      { type: "message.edited", data: { messageId: "A" } },
    );
  });

  it("keeps an unknown state's word and invents no number", () => {
    expect(first("messages.update", { keyId: "A", fromMe: true, status: "SEEN" })).toMatchObject({
      data: { status: null, statusName: "SEEN" },
    });
    expect(first("messages.update", { keyId: "A", fromMe: true, status: 9 })).toMatchObject({
      data: { status: null, statusName: "9" },
    });
  });

  it("believes an editor's key only where it cannot be us", () => {
    const edited = (remoteJid: string) =>
      first("messages.edited", {
        key: { id: "A", remoteJid, fromMe: true },
        type: 14,
        editedMessage: { conversation: "b" },
      });
    expect(edited("5511900000100:7@s.whatsapp.net")?.chat).toBeUndefined();
    expect(edited(mariaLid)?.chat).toBeUndefined();
    expect(edited(maria)?.chat?.id).toBe(maria);
    expect(edited("120363000000000201@g.us")?.chat?.kind).toBe("group");
    expect(edited(maria)?.fromMe).toBeUndefined();
  });

  it("takes neither our own number nor our own name for the contact's", () => {
    const own = "5511900000100@s.whatsapp.net";
    const key = { id: "A", remoteJid: mariaLid, remoteJidAlt: maria, senderPn: own, fromMe: true };
    expect(
      first("messages.upsert", { key, pushName: "Você", message: { conversation: "oi" } })?.contact,
    ).toEqual({ jid: maria, lid: mariaLid, phone: "5511900000201" });
    const replaced = {
      id: "B",
      remoteJid: own,
      previousRemoteJid: mariaLid,
      senderPn: own,
      fromMe: true,
    };
    expect(
      first("messages.upsert", { key: replaced, message: { conversation: "oi" } })?.contact,
    ).toEqual({ jid: mariaLid, lid: mariaLid });
    const note = { id: "C", remoteJid: own, fromMe: true };
    expect(first("messages.upsert", { key: note, message: { conversation: "oi" } })?.chat?.id).toBe(
      own,
    );
  });

  it("takes digits of the address for no name", () => {
    const row = {
      key: { id: "A", remoteJid: mariaLid },
      pushName: "200000000000201",
      message: { conversation: "oi" },
    };
    expect(first("messages.upsert", row)?.contact).toEqual({ jid: mariaLid, lid: mariaLid });
  });

  it("reports a bulk set once, whatever its rows", () => {
    const rows = Array.from({ length: 500 }, (_, id) => ({
      key: { id: String(id), remoteJid: maria },
    }));
    expect(normalise(webhook("MESSAGES_SET", rows))).toMatchObject([
      { type: "history.synced", data: { count: 500 } },
    ]);
    expect(normalise(webhook("contacts.set", []))).toMatchObject([
      { type: "history.synced", data: { kind: "contacts", count: 0 } },
    ]);
  });

  it("says nothing about an empty presence, and something about everything else that is empty", () => {
    expect(normalise(webhook("presence.update", { id: maria, presences: {} }))).toEqual([]);
    for (const event of [
      "messages.upsert",
      "contacts.update",
      "chats.delete",
      "call",
      "messages.update",
    ]) {
      expect(normalise(webhook(event, []))).toMatchObject([
        { type: "provider.event", data: { event, reason: "missing_data" } },
      ]);
    }
  });

  it.each([
    [411, "multi_device_mismatch"],
    [440, "replaced"],
    [500, "bad_session"],
    [503, "service_unavailable"],
    [599, "unknown"],
  ])("decodes the close reason %i", (statusReason, reason) => {
    expect(first("connection.update", { state: "close", statusReason })?.data).toMatchObject({
      reason,
      reasonCode: statusReason,
    });
  });
});

describe("bodies of others", () => {
  it.each<[string, JsonObject]>([
    ["foreign_shape", fixture("zoo/027-evo-wasender-nested-messages-object.json#1")],
    ["foreign_shape", { event: "messages.upsert", data: { key: { id: "A", remoteJid: maria } } }],
    ["foreign_shape", { headers: {}, body: { event: "messages.upsert", instance: "x" } }],
    ["foreign_shape", { event: "message", session: "default", payload: {} }],
    ["missing_event", { instance: "x", data: {} }],
    ["missing_event", { event: 5, instance: "x" }],
    ["evolution_go_shape", fixture("zoo/046-evo-go-shape-on-evolution-url.json#1")],
    ["unknown_event", webhook("something.new", {})],
    ["missing_key", webhook("messages.upsert", { messages: { key: { id: "A" } } })],
  ])("are kept whole with the reason %s", (reason, body) => {
    expect(normalise(body)).toMatchObject([{ type: "provider.event", data: { reason } }]);
  });
});

describe("the documented message", () => {
  it("has the fields and words of the body", () => {
    expect(
      documentedOf(evolution, fixture("zoo/078-evo-upsert-without-message-key.json#2"), 0),
    ).toEqual({
      key: { remoteJid: "5511900000301@s.whatsapp.net", fromMe: false, id: "3A0000000000000301A1" },
      message: { conversation: "chegou depois" },
      messageType: "conversation",
      messageTimestamp: 1789500000,
      pushName: "Maria Teste",
      broadcast: false,
    });
    expect(documentedOf(evolution, fixture("v1.send.message"), 0)?.messageTimestamp).toBe(
      1795513600,
    );
    expect(documentedOf(evolution, fixture("send.message.recorded"), 0)?.key.remoteJid).toBe(
      "5511900000009@s.whatsapp.net",
    );
    expect(documentedOf(evolution, fixture("messages.upsert.group-lid"), 0)?.key.participant).toBe(
      mariaLid,
    );
  });

  it("carries no key material on", () => {
    const message = documentedOf(
      evolution,
      fixture("messages.upsert.group-with-sender-key"),
      0,
    )?.message;
    expect(message).toMatchObject({ conversation: "oi pessoal" });
    expect(JSON.stringify(message)).not.toContain("SenderKeyDistributionMessage");
  });
});

describe("a file inside a body", () => {
  it("is named, not copied: the draft of a body of megabytes stays small", () => {
    const body = structuredClone(fixture("zoo/034-evo-big-inline-media.json#1")) as {
      data: { message: { base64: string } };
    };
    body.data.message.base64 = "QUJD".repeat(375_004);
    const [draft] = normalise(body);
    expect(draft).toMatchObject({
      type: "message.received",
      data: { content: { kind: "video", media: { inline: true, size: 1_125_000 } } },
    });
    expect(JSON.stringify(draft).length).toBeLessThan(2_000);
  });
});
