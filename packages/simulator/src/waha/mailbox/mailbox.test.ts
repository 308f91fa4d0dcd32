import { expect, test } from "vitest";
import { createMailbox } from "./mailbox.ts";
import { isSince } from "../edition.ts";
import { endingOf } from "./media-files.ts";
import { readChatId, readMessageId } from "./message-id.ts";

const message = (id: string, timestamp: number, body: string) => ({
  id,
  timestamp,
  body,
  ack: 2,
  ackName: "DEVICE",
  _data: { key: {}, message: { conversation: body }, status: 3 },
});

test("lists show the latest edit and tick", () => {
  const mailbox = createMailbox();
  const id = "false_5511900000201@c.us_3A01";
  mailbox.take(["message", "message.any"], message(id, 1, "primeira"));
  const edit = { id: "false_5511900000201@c.us_3A02", body: "corrigida", editedMessageId: "3A01" };
  mailbox.take(["message.edited"], edit);
  mailbox.take(["message.ack"], { id, ack: 3 });
  expect(mailbox.messages().map(({ payload }) => payload)).toEqual([
    {
      ...message(id, 1, "corrigida"),
      media: null,
      ack: 3,
      ackName: "READ",
      _data: {
        key: {},
        message: { extendedTextMessage: { text: "corrigida" } },
        status: 4,
      },
    },
  ]);
});

test("a message that is announced twice is listed once, where it came last", () => {
  const mailbox = createMailbox();
  mailbox.take(["message"], message("false_5511900000201@c.us_3A01", 1, "oi"));
  mailbox.take(["message"], message("false_200000000000201@lid_3A01", 1, "oi"));
  mailbox.take(["message.ack"], { id: "false_5511900000201@c.us_3A01", ack: 4 });
  expect(mailbox.messages()).toMatchObject([
    { chatId: "200000000000201@lid", payload: { ackName: "PLAYED" } },
  ]);
  expect(mailbox.find("5511900000201@c.us", "3A01")).toBeUndefined();
});

test.each([
  null,
  "text",
  [],
  { id: 5 },
  { id: "3A01", timestamp: 1 },
  { id: "false_1@c.us_3A01" },
  { id: "false_1@c.us_3A01", timestamp: 1, _data: { message: { reactionMessage: {} } } },
  { id: "false_1@c.us_3A01", timestamp: 1, _data: { message: { protocolMessage: {} } } },
])("what is no message of its own is not listed: %j", (payload) => {
  const mailbox = createMailbox();
  mailbox.take(["message", "message.edited", "message.ack", "message.revoked"], payload);
  expect(mailbox.messages()).toEqual([]);
});

test("LIDs are learnt from both forms of a key, in whichever order", () => {
  const { book, keep } = createMailboxWithKeep();
  const phone = "5511900000201@s.whatsapp.net";
  const key = (own: object) => ({ id: "false_g@g.us_1", _data: { key: own, pushName: "Maria" } });
  keep(key({ remoteJid: "1@lid", remoteJidAlt: phone }));
  keep(
    key({
      remoteJid: "g@g.us",
      participant: "5511900000202@s.whatsapp.net",
      participantAlt: "2@lid",
    }),
  );
  keep(key({ remoteJid: "3@lid" }));
  expect(book().lids()).toEqual([
    { lid: "1@lid", pn: "5511900000201@c.us" },
    { lid: "2@lid", pn: "5511900000202@c.us" },
  ]);
  expect(book().byLid("3")).toEqual({ lid: "3@lid", pn: null });
  expect(book().groups()).toEqual(["g@g.us"]);
});

function createMailboxWithKeep() {
  const mailbox = createMailbox();
  return { book: () => mailbox.book, keep: (payload: unknown) => mailbox.keep(payload) };
}

test("ids are read from the left, and chats in every spelling", () => {
  expect(readMessageId("true_1-2@g.us_3EB0_5511900000201@c.us")).toEqual({
    fromMe: true,
    chatId: "1-2@g.us",
    id: "3EB0",
    participant: "5511900000201@c.us",
  });
  expect(readMessageId("3EB0")).toBeUndefined();
  expect(["1", "1@c.us", "1@s.whatsapp.net", "1@lid"].map(readChatId)).toEqual([
    "1@c.us",
    "1@c.us",
    "1@c.us",
    "1@lid",
  ]);
});

test("files end as WAHA's do, and never in what a payload makes up", () => {
  const types = ["image/jpeg", "audio/ogg; codecs=opus", "audio/mpeg", "x/../../etc", "nothing"];
  expect(types.map(endingOf)).toEqual(["jpeg", "oga", "mpga", "bin", "bin"]);
});

test("versions are compared part by part", () => {
  expect(isSince("2026.10.1", "2026.4.1")).toBe(true);
  expect(isSince("2026.4.1", "2026.4.1")).toBe(true);
  expect(isSince("2026.2.1", "2026.4.1")).toBe(false);
  expect(isSince("2025.12.9", "2026.1.1")).toBe(false);
});
