import { contentSchema } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contract.ts";
import { wahaContent } from "./content.ts";
import { recordedEvents } from "./testing/fixture.ts";

const payloads = new Map(
  recordedEvents().map(({ name, body }) => [name, body["payload"] as JsonObject]),
);

function contentOfFixture(name: string) {
  return wahaContent(payloads.get(name) ?? {});
}

/** A message as WhatsApp Web's engines report it. */
function browser(type: string, model: JsonObject = {}, payload: JsonObject = {}) {
  return wahaContent({
    body: "",
    hasMedia: false,
    media: null,
    vCards: [],
    ...payload,
    _data: { type, ...model },
  });
}

describe("one content from every engine", () => {
  it.each([
    ["text", "message-text-noweb", "message-text-gows", "message-text-webjs"],
    ["image with caption", "message-image-noweb", "message-image-gows", "message-image-webjs"],
    ["voice note", "message-voice-noweb", "message-voice-webjs"],
    ["sticker", "message-sticker-noweb", "message-sticker-webjs"],
    ["document", "message-document-noweb", "message-document-gows"],
    ["contact card", "message-vcard-noweb", "message-vcard-webjs"],
    ["reply", "message-reply-noweb", "message-reply-webjs"],
  ])("%s", (_what, ...names) => {
    const said = names.map(contentOfFixture).map(({ kind, text, caption, quoted }) => ({
      kind,
      text,
      caption,
      quoted:
        quoted === undefined ? undefined : { participant: quoted.participant, text: quoted.text },
    }));
    for (const content of said) expect(content).toEqual(said[0]);
  });
});

describe("media", () => {
  it("has WAHA's link, WhatsApp's own size and hash, and no link that needs a WhatsApp key", () => {
    expect(contentOfFixture("message-document-noweb").media).toEqual({
      url: "http://localhost:18600/api/files/default/3EB0RECADO0000000010.pdf",
      mimetype: "application/pdf",
      filename: "Orçamento 001.pdf",
      size: 48211,
      sha256: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      pages: 2,
    });
  });

  it("that was not downloaded has no link and is no error", () => {
    const { media } = contentOfFixture("message-media-not-downloaded-gows");
    expect(media?.url).toBeUndefined();
    expect(media?.error).toBeUndefined();
    expect(
      wahaContent({
        hasMedia: true,
        media: null,
        _data: { message: { imageMessage: { mimetype: "image/png" } } },
      }),
    ).toEqual({
      kind: "image",
      media: { mimetype: "image/png" },
    });
  });

  it("that failed tells why in one line, without the stack", () => {
    expect(contentOfFixture("message-media-error-noweb").media?.error).toBe(
      "Error: Failed to fetch stream from the media server",
    );
    expect(
      wahaContent({ hasMedia: true, media: { error: `${"x".repeat(999)}\nat y` } }).media?.error,
    ).toBe("x".repeat(300));
  });

  it.each([
    ["image/jpeg", "image"],
    ["video/mp4", "video"],
    ["audio/ogg; codecs=opus", "audio"],
    ["application/pdf", "document"],
  ])("of an old body is told by its type: %s", (mimetype, kind) => {
    const content = wahaContent({
      body: "veja",
      hasMedia: true,
      media: { url: "http://w/f", mimetype },
    });
    expect(content).toMatchObject({
      kind,
      caption: "veja",
      media: { url: "http://w/f", mimetype },
    });
  });

  it("inside the body is marked", () => {
    expect(
      wahaContent({ hasMedia: true, media: { mimetype: "image/png", data: "iVBORw0=" } }).media,
    ).toEqual({
      mimetype: "image/png",
      inline: true,
    });
  });

  it("a thumbnail in WhatsApp Web's body is not a text", () => {
    const content = contentOfFixture("message-sticker-webjs");
    expect(content.text ?? content.caption).toBeUndefined();
  });
});

describe("WhatsApp Web's types", () => {
  it.each([
    ["ptt", { duration: "4" }, { kind: "voice", media: { seconds: 4 } }],
    ["audio", {}, { kind: "audio" }],
    ["ptv", {}, { kind: "video" }],
    [
      "document",
      { filename: "a.pdf", pageCount: 3 },
      { kind: "document", media: { filename: "a.pdf", pages: 3 } },
    ],
    [
      "image",
      { isViewOnce: true, caption: "uma vez" },
      { kind: "image", viewOnce: true, caption: "uma vez" },
    ],
    [
      "location",
      { lat: -23.5, lng: -46.6 },
      { kind: "location", latitude: -23.5, longitude: -46.6 },
    ],
    [
      "poll_creation",
      { pollName: "Qual?", pollOptions: [{ name: "A" }, { name: "B" }] },
      { kind: "poll", name: "Qual?", options: ["A", "B"] },
    ],
    [
      "order",
      { orderId: 9, itemCount: 2, totalAmount1000: 25000, totalCurrencyCode: "BRL" },
      { kind: "order", orderId: "9", items: 2, total: 25, currency: "BRL" },
    ],
    [
      "product",
      { title: "Bolo", productId: "7" },
      { kind: "product", productId: "7", title: "Bolo" },
    ],
    [
      "list_response",
      { listResponse: { title: "Dois", singleSelectReply: { selectedRowId: "row_2" } } },
      { kind: "list", reply: { id: "row_2", title: "Dois" } },
    ],
    [
      "multi_vcard",
      { vcardList: [{ displayName: "Ana", vcard: "BEGIN:VCARD" }] },
      { kind: "contact", contacts: [{ name: "Ana", vcard: "BEGIN:VCARD" }] },
    ],
    ["ciphertext", {}, { kind: "unknown", unavailable: true, providerType: "ciphertext" }],
    ["call_log", {}, { kind: "system", providerType: "call_log" }],
    ["revoked", {}, { kind: "system", providerType: "revoked" }],
    ["e2e_notification", {}, { kind: "system", providerType: "e2e_notification" }],
    ["something_new", {}, { kind: "unknown", providerType: "something_new" }],
  ])("%s", (type, model, expected) => {
    const content = browser(type, model);
    expect(content).toMatchObject(expected);
    expect(contentSchema.safeParse(content).error).toBeUndefined();
  });

  it("buttons answer with their id and text", () => {
    const content = browser("buttons_response", { selectedButtonId: "sim" }, { body: "Sim" });
    expect(content).toMatchObject({
      kind: "buttons",
      text: "Sim",
      reply: { id: "sim", title: "Sim" },
    });
  });

  it("mentions are addresses, also out of WhatsApp Web's objects", () => {
    const mentionedJidList = ["5511900000021@c.us", { server: "lid", user: "222000000000021" }, 7];
    const content = browser("chat", { mentionedJidList, isForwarded: true }, { body: "oi @todos" });
    expect(content).toEqual({
      kind: "text",
      text: "oi @todos",
      mentions: ["5511900000021@s.whatsapp.net", "222000000000021@lid"],
      forwarded: true,
    });
  });
});

describe("WAHA's own fields", () => {
  it.each([
    ["text", { latitude: "-23.561414", longitude: "-46.655881" }],
    ["numbers", { latitude: -23.561414, longitude: -46.655881 }],
  ])("coordinates may be %s", (_what, location) => {
    expect(
      wahaContent({ body: null, location: { ...location, name: "Parque", live: false } }),
    ).toEqual({
      kind: "location",
      latitude: -23.561414,
      longitude: -46.655881,
      name: "Parque",
    });
  });

  it("cards have the name that is on them", () => {
    const content = wahaContent({
      vCards: ["BEGIN:VCARD\r\nFN;CHARSET=UTF-8:João Teste\r\nEND:VCARD"],
    });
    expect(content).toMatchObject({ kind: "contact", contacts: [{ name: "João Teste" }] });
  });

  it("a reply quotes by a bare id, and may lack words and author", () => {
    expect(
      wahaContent({ body: "sim", replyTo: { id: "4EC1", participant: "111000000000101@lid" } })
        .quoted,
    ).toEqual({
      messageId: "4EC1",
      participant: "111000000000101@lid",
    });
    expect(wahaContent({ body: "sim", replyTo: "false_5511900000009@c.us_4EC1" }).quoted).toEqual({
      messageId: "4EC1",
    });
    expect(wahaContent({ body: "sim", replyTo: null }).quoted).toBeUndefined();
  });
});

describe("a message without its content", () => {
  it.each([
    ["nothing at all", {}],
    ["an empty body", { body: "", _data: { type: "chat" } }],
    [
      "only the device's context",
      {
        body: null,
        _data: { key: {}, message: { messageContextInfo: { messageSecret: "AA==" } } },
      },
    ],
    ["a stub that could not be decrypted", { body: null, _data: { key: {}, messageStubType: 2 } }],
  ])("is unavailable, not an empty text: %s", (_what, payload) => {
    expect(wahaContent(payload)).toMatchObject({ kind: "unknown", unavailable: true });
  });

  it("that WAHA fetched after all is not unavailable", () => {
    const content = wahaContent({
      hasMedia: true,
      media: { url: "http://w/f.jpeg", mimetype: "image/jpeg" },
      _data: {
        key: {},
        message: { viewOnceMessageV2: { message: { imageMessage: { viewOnce: true } } } },
      },
    });
    expect(content).toEqual({
      kind: "image",
      viewOnce: true,
      media: { url: "http://w/f.jpeg", mimetype: "image/jpeg" },
    });
  });

  it("of an unknown type keeps the words that WAHA found", () => {
    const content = wahaContent({
      body: "convite",
      _data: { key: {}, message: { newThingMessage: { x: 1 } } },
    });
    expect(content).toEqual({ kind: "unknown", text: "convite", providerType: "newThingMessage" });
  });
});
