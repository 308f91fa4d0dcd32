import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contract.ts";
import { contextFor } from "../testing/provider-suite.ts";
import { evolution } from "./index.ts";

/** The content of the message that a row becomes; for another event its type. */
function contentOf(message: unknown): unknown {
  const body: JsonObject = {
    event: "messages.upsert",
    instance: "loja",
    data: {
      key: { id: "A1", remoteJid: "5511900000201@s.whatsapp.net", fromMe: false },
      message,
    },
  };
  const [draft] = evolution.normalise(body, contextFor(body));
  if (draft?.type !== "message.received") return draft?.type;
  return draft.data.content;
}

const file = { mimetype: "x/y", url: "https://mmg.whatsapp.net/a", mediaKey: "AAAA" };

describe("what a message says, behind every wrapper and in every spelling", () => {
  it.each<[string, unknown, unknown]>([
    ["plain text", { conversation: "oi" }, { kind: "text", text: "oi" }],
    [
      "text in a comment",
      { commentMessage: { message: { conversation: "oi" }, targetMessageKey: { id: "B" } } },
      { kind: "text", text: "oi" },
    ],
    [
      "own text sent from another device",
      {
        deviceSentMessage: {
          destinationJid: "1@s.whatsapp.net",
          message: { extendedTextMessage: { text: "oi" } },
        },
      },
      { kind: "text", text: "oi" },
    ],
    [
      "ephemeral view-once image",
      {
        ephemeralMessage: {
          message: { viewOnceMessageV2: { message: { imageMessage: { ...file, caption: "c" } } } },
        },
      },
      { kind: "image", caption: "c", viewOnce: true },
    ],
    [
      "view-once voice",
      { viewOnceMessageV2Extension: { message: { audioMessage: { ...file, ptt: true } } } },
      { kind: "voice", viewOnce: true },
    ],
    [
      "animated sticker",
      { lottieStickerMessage: { message: { stickerMessage: file } } },
      { kind: "sticker" },
    ],
    [
      "round video",
      { ptvMessage: { ...file, seconds: 4 } },
      { kind: "video", media: { seconds: 4 } },
    ],
    [
      "document with a caption",
      {
        documentWithCaptionMessage: {
          message: { documentMessage: { ...file, fileName: "a.pdf", caption: "c" } },
        },
      },
      { kind: "document", caption: "c", media: { filename: "a.pdf" } },
    ],
    [
      "live location",
      { liveLocationMessage: { degreesLatitude: -23.5, degreesLongitude: -46.6, caption: "indo" } },
      { kind: "location", latitude: -23.5, longitude: -46.6, live: true },
    ],
    [
      "poll of one choice",
      {
        pollCreationMessageV3: {
          name: "n",
          options: [{ optionName: "a" }, { optionName: "b" }],
          selectableOptionsCount: 1,
        },
      },
      { kind: "poll", name: "n", options: ["a", "b"], selectable: 1 },
    ],
    [
      "poll behind the fourth version's wrapper",
      { pollCreationMessageV4: { message: { pollCreationMessage: { name: "n", options: [] } } } },
      { kind: "poll", name: "n" },
    ],
    [
      "image of an album",
      { associatedChildMessage: { message: { imageMessage: file } } },
      { kind: "image" },
    ],
    [
      "status mention",
      { groupStatusMessageV2: { message: { videoMessage: file } } },
      { kind: "video" },
    ],
    [
      "mention of a group",
      { groupMentionedMessage: { message: { conversation: "oi" } } },
      { kind: "text", text: "oi" },
    ],
    [
      "question to a bot",
      { botInvokeMessage: { message: { extendedTextMessage: { text: "oi" } } } },
      { kind: "text", text: "oi" },
    ],
    [
      "template of the old form",
      {
        highlyStructuredMessage: {
          elementName: "x",
          hydratedHsm: { hydratedTemplate: { hydratedContentText: "oi" } },
        },
      },
      { kind: "template", text: "oi" },
    ],
    [
      "interactive buttons with an image header",
      {
        interactiveMessage: {
          header: { imageMessage: file },
          body: { text: "b" },
          nativeFlowMessage: {
            buttons: [{ name: "quick_reply", buttonParamsJson: '{"display_text":"Sim","id":"s"}' }],
          },
        },
      },
      { kind: "buttons", text: "b", buttons: [{ id: "s", title: "Sim" }] },
    ],
    [
      "Meta's image",
      {
        imageMessage: { id: "123", mime_type: "image/jpeg", sha256: "x", caption: "c" },
        mediaUrl: "https://s3/x",
      },
      { kind: "image", caption: "c", media: { mimetype: "image/jpeg", url: "https://s3/x" } },
    ],
    [
      "Meta's voice note",
      { audioMessage: { id: "123", mime_type: "audio/ogg; codecs=opus", voice: true } },
      { kind: "voice" },
    ],
    [
      "Meta's document",
      { documentMessage: { id: "1", mime_type: "application/pdf", filename: "a.pdf" } },
      { kind: "document", media: { filename: "a.pdf" } },
    ],
    [
      "Meta's reply to a message",
      { conversation: "Sim", contextInfo: { stanzaId: "wamid.X" } },
      { kind: "text", text: "Sim", quoted: { messageId: "wamid.X" } },
    ],
    [
      "Meta's contacts",
      {
        contactsArrayMessage: {
          displayName: "2",
          contacts: [{ displayName: "A", vcard: "V" }, { displayName: "B" }],
        },
      },
      { kind: "contact", contacts: [{ name: "A", vcard: "V" }, { name: "B" }] },
    ],
    [
      "group invitation",
      { groupInviteMessage: { groupJid: "1@g.us", caption: "entre" } },
      { kind: "unknown", providerType: "groupInviteMessage", caption: "entre" },
    ],
    [
      "payment sent",
      { sendPaymentMessage: { noteMessage: { extendedTextMessage: { text: "pix" } } } },
      { kind: "unknown", providerType: "sendPaymentMessage" },
    ],
    [
      "sticker pack",
      { stickerPackMessage: { name: "p" } },
      { kind: "unknown", providerType: "stickerPackMessage" },
    ],
    [
      "a kind that nobody knows yet",
      { hologramMessage: { x: 1 } },
      { kind: "unknown", providerType: "hologramMessage" },
    ],
    [
      "encrypted reaction",
      { encReactionMessage: { targetMessageKey: { id: "B" }, encPayload: {} } },
      { kind: "unknown", providerType: "encReactionMessage" },
    ],
    [
      "phone number request",
      { requestPhoneNumberMessage: { contextInfo: { stanzaId: "Q" } } },
      { kind: "unknown", quoted: { messageId: "Q" } },
    ],
    [
      "nothing but a secret",
      { messageContextInfo: { messageSecret: "AAA" } },
      { kind: "unknown", unavailable: true },
    ],
    ["null", null, { kind: "unknown", unavailable: true }],
    ["a text in place of the message", "oi", { kind: "unknown", unavailable: true }],
    [
      "a list in place of the message",
      [{ conversation: "oi" }],
      { kind: "unknown", unavailable: true },
    ],
    ["an empty text", { conversation: "" }, { kind: "text", text: "" }],
    [
      "an empty default beside an image",
      { conversation: "", imageMessage: file },
      { kind: "image" },
    ],
    [
      "numeric-key bytes",
      {
        imageMessage: {
          fileSha256: Object.fromEntries(Array.from({ length: 32 }, (_, i) => [String(i), i])),
          fileLength: { low: 10, high: 0, unsigned: true },
        },
      },
      { kind: "image", media: { size: 10, sha256: expect.stringMatching(/^0001/) } },
    ],
    [
      "Buffer bytes",
      {
        imageMessage: {
          fileSha256: { type: "Buffer", data: Array.from({ length: 32 }, (_, i) => i) },
          fileLength: "10",
        },
      },
      { kind: "image", media: { size: 10, sha256: expect.stringMatching(/^0001/) } },
    ],
    [
      "reply with a quoted image",
      {
        extendedTextMessage: {
          text: "oi",
          contextInfo: {
            stanzaId: "Q",
            participant: "5511900000202:3@s.whatsapp.net",
            quotedMessage: { imageMessage: { caption: "c" } },
            mentionedJid: ["200000000000201:5@lid"],
          },
        },
      },
      {
        kind: "text",
        text: "oi",
        quoted: { messageId: "Q", participant: "5511900000202@s.whatsapp.net", text: "c" },
        mentions: ["200000000000201@lid"],
      },
    ],
    [
      "ad",
      {
        extendedTextMessage: {
          text: "oi",
          contextInfo: {
            externalAdReply: {
              title: "t",
              sourceId: "1",
              sourceType: "ad",
              sourceUrl: "https://fb.me/x",
            },
          },
        },
      },
      { kind: "text", ad: { source: "ad", title: "t", sourceId: "1", url: "https://fb.me/x" } },
    ],
    [
      "forwarded many times",
      { imageMessage: { ...file, contextInfo: { forwardingScore: "5" } } },
      { kind: "image", forwarded: true },
    ],
    ["a call as a message", { call: { callKey: "AA" } }, { kind: "system", providerType: "call" }],
    ["history on request", { messageHistoryBundle: { mimetype: "x" } }, { kind: "system" }],
    [
      "list answer",
      { listResponseMessage: { title: "t", singleSelectReply: { selectedRowId: "r1" } } },
      { kind: "list", reply: { id: "r1", title: "t" } },
    ],
    [
      "flow answer",
      {
        interactiveResponseMessage: {
          body: { text: "ok" },
          nativeFlowResponseMessage: { name: "flow", paramsJson: '{"id":"f1"}' },
        },
      },
      { kind: "buttons", text: "ok", reply: { id: "f1" } },
    ],
    [
      "product",
      {
        productMessage: {
          product: { productId: 12, title: "p" },
          businessOwnerJid: "1@s.whatsapp.net",
        },
      },
      { kind: "product", productId: "12", title: "p" },
    ],
    [
      "catalogue order",
      {
        orderMessage: {
          orderId: "o",
          itemCount: "2",
          totalAmount1000: { low: 5000, high: 0 },
          totalCurrencyCode: "BRL",
        },
      },
      { kind: "order", orderId: "o", items: 2, total: 5, currency: "BRL" },
    ],
    [
      "newsletter admin invitation",
      { newsletterAdminInviteMessage: { newsletterJid: "1@newsletter", caption: "c" } },
      { kind: "unknown", providerType: "newsletterAdminInviteMessage" },
    ],
    [
      "poll result",
      { pollResultSnapshotMessage: { name: "n", pollVotes: [] } },
      { kind: "unknown", providerType: "pollResultSnapshotMessage" },
    ],
    [
      "event answer",
      { encEventResponseMessage: { eventCreationMessageKey: { id: "E" } } },
      { kind: "unknown" },
    ],
    ["image as an array", { imageMessage: [file] }, { kind: "unknown" }],
  ])("%s", (_name, message, expected) => {
    expect(contentOf(message)).toMatchObject(expected as object);
  });
});
