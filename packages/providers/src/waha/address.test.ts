import { describe, expect, it } from "vitest";
import { receiptWhereabouts, whereabouts } from "./address.ts";

const me = {
  addresses: ["5511900000101@c.us", "5511900000101:7@s.whatsapp.net", "111000000000101@lid"],
};
const nobody = { addresses: [] };
const phone = "5511900000009@s.whatsapp.net";
const lid = "222000000000009@lid";
const group = "120363000000000001@g.us";

describe("the chat", () => {
  it.each([
    ["NOWEB, incoming", { from: "5511900000009@c.us", fromMe: false }],
    ["NOWEB, own: from is the other person", { from: "5511900000009@c.us", fromMe: true }],
    ["GOWS, own: to is null", { from: "5511900000009@c.us", to: null, fromMe: true }],
    [
      "WEBJS, own: from is oneself",
      { from: "5511900000101@c.us", to: "5511900000009@c.us", fromMe: true },
    ],
    [
      "WEBJS, own, under the own LID",
      { from: "111000000000101@lid", to: "5511900000009@c.us", fromMe: true },
    ],
    [
      "an old example: from the other person, to oneself, yet own",
      { from: "5511900000009@c.us", to: "5511900000101@c.us", fromMe: true },
    ],
  ])("is the other person's, also without any id: %s", (_what, message) => {
    expect(whereabouts(message, me)).toMatchObject({
      chat: { id: phone, kind: "person" },
      contact: { jid: phone, phone: "5511900000009" },
    });
  });

  it.each([
    ["NOWEB: to is the group", { from: group, to: group, fromMe: false, participant: lid }],
    ["GOWS: to is the participant", { from: group, to: lid, fromMe: false, participant: lid }],
    [
      "WEBJS: to is oneself",
      { from: group, to: "5511900000101@c.us", fromMe: false, participant: lid },
    ],
    [
      "WEBJS, own: from is oneself",
      { from: "5511900000101@c.us", to: group, fromMe: true, participant: lid },
    ],
    ["GOWS, own: to is the author", { from: group, to: lid, fromMe: true, participant: lid }],
  ])("is the group's: %s", (_what, message) => {
    expect(whereabouts(message, me)).toMatchObject({
      chat: { id: group, kind: "group" },
      contact: { jid: lid },
    });
  });

  it("is read from WhatsApp Web's own objects", () => {
    const remote = { server: "lid", user: "222000000000009", $1: lid };
    const message = { _data: { id: { fromMe: false, remote, id: "3A1" }, notifyName: "Maria" } };
    expect(whereabouts(message, me)).toEqual({
      fromMe: false,
      chat: { id: lid, kind: "person" },
      contact: { jid: lid, lid, name: "Maria" },
      waId: "3A1",
      participant: "",
    });
  });

  it("cannot be read out of nothing", () => {
    expect(whereabouts({}, me)).toBeUndefined();
    expect(whereabouts({ from: "me", to: "@", id: "false__" }, me)).toBeUndefined();
  });
});

describe("a phone", () => {
  const sources = {
    "NOWEB's remoteJidAlt": { key: { remoteJid: lid, remoteJidAlt: phone } },
    "an older senderPn": { key: { remoteJid: lid, senderPn: phone } },
    "GOWS's SenderAlt": { Info: { Chat: lid, Sender: lid, SenderAlt: phone } },
    "GOWS's Sender": { Info: { Chat: lid, Sender: "5511900000009:12@s.whatsapp.net" } },
  };
  it.each(Object.entries(sources))("is learnt from %s", (_what, _data) => {
    const where = whereabouts({ id: `false_${lid}_A`, from: lid, fromMe: false, _data }, me);
    expect(where?.chat.id).toBe(phone);
    expect(where?.contact).toMatchObject({ jid: phone, lid, phone: "5511900000009" });
  });

  it("of the receiver is learnt from GOWS's RecipientAlt", () => {
    const Info = {
      Chat: lid,
      IsFromMe: true,
      Sender: "5511900000101:7@s.whatsapp.net",
      RecipientAlt: phone,
    };
    const where = whereabouts({ id: `true_${lid}_A`, fromMe: true, _data: { Info } }, me);
    expect(where?.contact).toEqual({ jid: phone, lid, phone: "5511900000009" });
  });

  it.each([
    [
      "NOWEB",
      {
        key: {
          remoteJid: lid,
          fromMe: true,
          remoteJidAlt: "5511900000101@s.whatsapp.net",
          senderPn: "5511900000101@s.whatsapp.net",
        },
      },
    ],
    [
      "GOWS",
      {
        Info: {
          Chat: lid,
          IsFromMe: true,
          Sender: "5511900000101:7@s.whatsapp.net",
          SenderAlt: "111000000000101@lid",
        },
      },
    ],
  ])("of one's own is never the other person's: %s", (_what, _data) => {
    const where = whereabouts({ id: `true_${lid}_A`, fromMe: true, _data }, me);
    expect(where).toMatchObject({ chat: { id: lid }, contact: { jid: lid, lid } });
    expect(where?.contact?.phone).toBeUndefined();
  });

  it("of one's own is not mistaken even when the body does not say who one is", () => {
    const message = { id: `true_${lid}_A`, fromMe: true, from: "5511900000101@c.us", to: lid };
    expect(whereabouts(message, nobody)?.chat.id).toBe(lid);
  });

  it("is not made of a LID, a group or a channel", () => {
    for (const chat of [lid, group, "120363000000000099@newsletter", "status@broadcast"]) {
      expect(
        whereabouts({ id: `false_${chat}_A`, from: chat }, me)?.contact?.phone,
      ).toBeUndefined();
    }
  });
});

describe("the author", () => {
  it("of a direct chat is the other person, whoever wrote, and an own name is not theirs", () => {
    const own = { id: `true_${phone}_A`, fromMe: true, _data: { pushName: "Loja Teste" } };
    expect(whereabouts(own, me)?.contact).toEqual({ jid: phone, phone: "5511900000009" });
  });

  it("of a broadcast list's delivery is the chat itself", () => {
    const message = {
      id: "false_5511900000009@c.us_A_5511900000009@c.us",
      participant: "5511900000009@c.us",
    };
    expect(whereabouts(message, me)).toMatchObject({
      chat: { id: phone, kind: "person" },
      participant: "",
    });
  });

  it("of a channel's post is nobody", () => {
    const message = { id: "false_120363000000000099@newsletter_A", participant: null };
    expect(whereabouts(message, me)).toEqual({
      fromMe: false,
      chat: { id: "120363000000000099@newsletter", kind: "newsletter" },
      waId: "A",
      participant: "",
    });
  });

  it("in a group is oneself under every own address", () => {
    const message = { id: `true_${group}_A_111000000000101@lid`, fromMe: true };
    expect(whereabouts(message, me)?.contact).toMatchObject({
      jid: "5511900000101@s.whatsapp.net",
      lid: "111000000000101@lid",
    });
  });
});

describe("direction", () => {
  it("is the payload's, then the engine's, then the id's", () => {
    const id = `true_${phone}_A`;
    expect(whereabouts({ id, fromMe: false, _data: { key: { fromMe: true } } }, me)?.fromMe).toBe(
      false,
    );
    expect(whereabouts({ id, _data: { key: { fromMe: false } } }, me)?.fromMe).toBe(false);
    expect(whereabouts({ id, _data: { Info: { IsFromMe: false } } }, me)?.fromMe).toBe(false);
    expect(whereabouts({ id }, me)?.fromMe).toBe(true);
  });
});

describe("a message's id", () => {
  it.each([
    ["the composed id's third part", { id: `false_${phone}_A_x` }, "A"],
    [
      "NOWEB's key behind a broken id",
      { id: `${group}.${lid}`, _data: { key: { remoteJid: group, id: "B" } } },
      "B",
    ],
    [
      "GOWS's ID behind a broken id",
      { id: `${group}.${lid}`, _data: { Info: { Chat: group, ID: "C" } } },
      "C",
    ],
    [
      "a GOWS receipt's only message",
      { from: "5511900000009@c.us", _data: { Chat: phone, MessageIDs: ["D"] } },
      "D",
    ],
    ["the model's id behind a missing one", { _data: { id: { remote: phone, id: "E" } } }, "E"],
    ["a bare id", { id: "3EB0F", from: "5511900000009@c.us" }, "3EB0F"],
    [
      "nothing, when the composed id is broken",
      { id: "false_", from: "5511900000009@c.us" },
      undefined,
    ],
  ])("is %s", (_what, message, expected) => {
    expect(whereabouts(message, me)?.waId).toBe(expected);
  });
});

describe("a receipt in a group", () => {
  const id = `true_${group}_A_5511900000101@c.us`;

  it("is the reader's, not the author's in the id", () => {
    expect(receiptWhereabouts({ id, fromMe: true, participant: lid }, me)?.contact).toEqual({
      jid: lid,
      lid,
    });
  });

  it("is nobody's when only oneself is named", () => {
    expect(receiptWhereabouts({ id, fromMe: true, participant: "5511900000101@c.us" }, me)).toEqual(
      {
        fromMe: true,
        chat: { id: group, kind: "group" },
        waId: "A",
        participant: "",
      },
    );
  });
});
