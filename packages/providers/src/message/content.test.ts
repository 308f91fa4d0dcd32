import { contentSchema } from "@recado/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentOf } from "./content.ts";
import { pollVote } from "./poll-vote.ts";
import { protocolChange } from "./protocol-change.ts";

const bytes = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [String(index), index]));
const hex = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, "0")).join("");

const cases: readonly (readonly [string, unknown, unknown])[] = [
  ["plain text", { conversation: "oi" }, { kind: "text", text: "oi" }],
  [
    "an empty text is a text",
    { conversation: "", messageContextInfo: {} },
    { kind: "text", text: "" },
  ],
  [
    "an empty default beside the content",
    { conversation: "", imageMessage: { caption: "a" } },
    { kind: "image", caption: "a", media: {} },
  ],
  [
    "text in a disappearing chat, sent from a linked device",
    {
      deviceSentMessage: {
        message: { ephemeralMessage: { message: { extendedTextMessage: { text: "oi" } } } },
      },
    },
    { kind: "text", text: "oi" },
  ],
  [
    "an unseen future-proof wrapper opens",
    { someNewMessageV9: { message: { conversation: "oi" } } },
    { kind: "text", text: "oi" },
  ],
  [
    "voice, sizes as Long, bytes as index object",
    {
      audioMessage: {
        ptt: true,
        seconds: 7,
        mimetype: "audio/ogg",
        fileLength: { low: 18321, high: 0, unsigned: true },
        fileSha256: bytes,
      },
    },
    { kind: "voice", media: { mimetype: "audio/ogg", seconds: 7, size: 18321, sha256: hex } },
  ],
  [
    "document with caption and the spelling of Go",
    {
      documentWithCaptionMessage: {
        message: {
          documentMessage: {
            URL: "x",
            fileName: "a.pdf",
            fileSHA256: Buffer.from(hex, "hex").toString("base64"),
            fileLength: "88000",
            pageCount: 2,
            caption: "veja",
          },
        },
      },
    },
    {
      kind: "document",
      caption: "veja",
      media: { filename: "a.pdf", size: 88000, pages: 2, sha256: hex },
    },
  ],
  [
    "file and link beside the content",
    { imageMessage: { mime_type: "image/png" }, base64: "AAAA", mediaUrl: null },
    { kind: "image", media: { mimetype: "image/png", inline: true } },
  ],
  [
    "view once without its keys",
    { viewOnceMessageV2: { message: { imageMessage: { mimetype: "image/jpeg" } } } },
    { kind: "image", viewOnce: true, unavailable: true, media: { mimetype: "image/jpeg" } },
  ],
  [
    "view once as an empty wrapper",
    { viewOnceMessageV2Extension: { message: {} } },
    { kind: "unknown", unavailable: true, viewOnce: true },
  ],
  [
    "only companions",
    { messageContextInfo: {}, senderKeyDistributionMessage: { groupId: "x" } },
    { kind: "unknown", unavailable: true },
  ],
  ["nothing", null, { kind: "unknown", unavailable: true }],
  [
    "live location",
    { liveLocationMessage: { degreesLatitude: -23.5, degreesLongitude: -46.6 } },
    { kind: "location", latitude: -23.5, longitude: -46.6, live: true },
  ],
  [
    "contacts",
    { contactsArrayMessage: { contacts: [{ displayName: "Ana", vcard: "BEGIN:VCARD" }, {}] } },
    { kind: "contact", contacts: [{ name: "Ana", vcard: "BEGIN:VCARD" }, {}] },
  ],
  [
    "a reaction taken back",
    { reactionMessage: { key: { id: "A" }, text: "" } },
    { kind: "reaction", emoji: "", targetMessageId: "A" },
  ],
  [
    "a poll in a future-proof form",
    {
      pollCreationMessageV4: {
        message: {
          pollCreationMessage: {
            name: "Cor?",
            options: [{ optionName: "Azul" }],
            selectableOptionsCount: 0,
          },
        },
      },
    },
    { kind: "poll", name: "Cor?", options: ["Azul"], selectable: 0 },
  ],
  [
    "a button tapped",
    { buttonsResponseMessage: { selectedButtonId: "id_2", selectedDisplayText: "Sim" } },
    { kind: "buttons", text: "Sim", reply: { id: "id_2", title: "Sim" } },
  ],
  [
    "a list row chosen, in Go's spelling",
    { listResponseMessage: { title: "Dois", singleSelectReply: { selectedRowID: "row_2" } } },
    { kind: "list", text: "Dois", reply: { id: "row_2", title: "Dois" } },
  ],
  [
    "a template's button tapped",
    { templateButtonReplyMessage: { selectedId: "b", selectedDisplayText: "Sim" } },
    { kind: "template", text: "Sim", reply: { id: "b", title: "Sim" } },
  ],
  [
    "a native flow answered, one level deeper",
    {
      interactiveResponseMessage: {
        body: { text: "Opção 1" },
        InteractiveResponseMessage: { NativeFlowResponseMessage: { paramsJSON: '{"id":"op_1"}' } },
      },
    },
    { kind: "buttons", text: "Opção 1", reply: { id: "op_1", title: "Opção 1" } },
  ],
  [
    "a native flow whose parameters are no JSON",
    { interactiveResponseMessage: { nativeFlowResponseMessage: { paramsJson: "{" } } },
    { kind: "buttons" },
  ],
  [
    "a Pix request",
    {
      interactiveMessage: {
        InteractiveMessage: {
          NativeFlowMessage: {
            buttons: [
              {
                name: "payment_info",
                buttonParamsJSON: JSON.stringify({
                  currency: "BRL",
                  total_amount: { value: 1990, offset: 100 },
                  reference_id: "R1",
                  payment_settings: [{ type: "pix_static_code" }],
                }),
              },
            ],
          },
        },
      },
    },
    { kind: "order", orderId: "R1", currency: "BRL", total: 19.9, payment: ["pix_static_code"] },
  ],
  [
    "a menu of rows in a native flow",
    {
      interactiveMessage: {
        body: { text: "Menu" },
        nativeFlowMessage: {
          buttons: [
            {
              name: "single_select",
              buttonParamsJson: '{"sections":[{"rows":[{"id":"a","title":"A"}]}]}',
            },
          ],
        },
      },
    },
    { kind: "list", text: "Menu", rows: [{ id: "a", title: "A" }] },
  ],
  [
    "a template with buttons",
    {
      templateMessage: {
        hydratedTemplate: {
          hydratedContentText: "Ok?",
          hydratedButtons: [{ quickReplyButton: { id: "ok", displayText: "Ok" } }],
        },
      },
    },
    { kind: "template", text: "Ok?", buttons: [{ id: "ok", title: "Ok" }] },
  ],
  [
    "an order in thousandths",
    {
      orderMessage: {
        orderId: "1",
        itemCount: 2,
        totalAmount1000: { low: 59900, high: 0 },
        totalCurrencyCode: "BRL",
        message: "",
      },
    },
    { kind: "order", orderId: "1", items: 2, currency: "BRL", total: 59.9 },
  ],
  [
    "an album's header",
    { albumMessage: { expectedImageCount: 2 } },
    { kind: "system", providerType: "albumMessage" },
  ],
  ["a call", { call: { callKey: "x" } }, { kind: "system", providerType: "call" }],
  [
    "a settings change",
    { protocolMessage: { type: "EPHEMERAL_SETTING" } },
    { kind: "system", providerType: "protocolMessage" },
  ],
  [
    "an invitation keeps its code to itself",
    { groupInviteMessage: { inviteCode: "X", caption: "" } },
    { kind: "unknown", providerType: "groupInviteMessage" },
  ],
  [
    "what nobody knows",
    { brandNewMessage: { a: 1 } },
    { kind: "unknown", providerType: "brandNewMessage" },
  ],
];

describe("contentOf", () => {
  it.each(cases)("reads %s", (_name, message, expected) => {
    const content = contentOf(message);
    expect(content).toEqual(expected);
    expect(contentSchema.parse(content)).toEqual(content);
  });

  it("takes the quoted message from the content, else from beside the message; an empty author is none", () => {
    const quoted = { stanzaId: "Q1", participant: "", quotedMessage: { conversation: "qual?" } };
    expect(contentOf({ conversation: "esse" }, quoted).quoted).toEqual({
      messageId: "Q1",
      text: "qual?",
    });
    expect(
      contentOf(
        {
          extendedTextMessage: {
            text: "x",
            contextInfo: {
              stanzaID: "Q2",
              participant: "5511900000001:3@s.whatsapp.net",
              quotedMessage: null,
            },
          },
        },
        quoted,
      ).quoted,
    ).toEqual({ messageId: "Q2", participant: "5511900000001@s.whatsapp.net" });
    expect(contentOf({ conversation: "x" }, { deviceListMetadataVersion: 2 })).toEqual({
      kind: "text",
      text: "x",
    });
    expect(contentOf({ conversation: "x", contextInfo: { stanzaId: "Q3" } }).quoted).toEqual({
      messageId: "Q3",
    });
  });

  it("calls an ad only what says so in clear, and never decodes the opaque parts", () => {
    const opaque = {
      entryPointConversionSource: "ctwa_ad",
      entryPointConversionApp: "instagram",
      ctwaPayload: "QUFB",
    };
    expect(contentOf({ conversation: "oi" }, opaque).ad).toEqual({
      source: "ctwa_ad",
      app: "instagram",
    });
    const preview = { externalAdReply: { title: "Página", sourceUrl: "https://example.com" } };
    expect(contentOf({ conversation: "oi" }, preview).ad).toBeUndefined();
    const ad = {
      externalAdReply: {
        title: "Anúncio",
        body: null,
        mediaType: 1,
        sourceType: "ad",
        sourceId: "12",
      },
    };
    expect(contentOf({ conversation: "" }, ad).ad).toEqual({
      source: "ad",
      title: "Anúncio",
      sourceId: "12",
    });
  });

  it("reads mentions and forwarding", () => {
    const around = { mentionedJid: ["100000000000100@lid", 5], isForwarded: true };
    expect(contentOf({ conversation: "oi" }, around)).toEqual({
      kind: "text",
      text: "oi",
      mentions: ["100000000000100@lid"],
      forwarded: true,
    });
  });

  it("gives a valid content for any JSON", () => {
    const name = fc.constantFrom(
      "conversation",
      "imageMessage",
      "audioMessage",
      "pollCreationMessage",
      "interactiveMessage",
      "listMessage",
      "message",
      "protocolMessage",
      "contextInfo",
      "orderMessage",
      "templateMessage",
      "viewOnceMessage",
      "contactsArrayMessage",
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue() as fc.Arbitrary<unknown>,
        fc.dictionary(name, tie("value"), { maxKeys: 4 }),
        fc.array(tie("value"), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, value, (message, around) => {
        const content = contentOf(message, around);
        expect(contentSchema.parse(content)).toEqual(content);
        protocolChange(message);
        pollVote(message);
      }),
    );
  });

  it("survives nesting without end", () => {
    let message: unknown = { conversation: "oi" };
    for (let depth = 0; depth < 5000; depth += 1) message = { ephemeralMessage: { message } };
    expect(contentOf(message)).toEqual({ kind: "unknown", unavailable: true });
  });
});
