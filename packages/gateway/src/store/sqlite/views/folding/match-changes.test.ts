import { describe, expect, it } from "vitest";
import { mention } from "../following/mention-kinds.ts";
import { matchChanges, type Mention } from "./match-changes.ts";

const maria = "5511900000001@s.whatsapp.net";
const joao = "5511900000002@s.whatsapp.net";
const own = "5511900000099@s.whatsapp.net";

let offset = 0;
function told(kind: Mention["kind"], changes: Partial<Mention> = {}): Mention {
  offset += 1;
  return { position: offset, offset, kind, status: null, at: offset, ...changes };
}
const message = (chat: string, fromMe: boolean, more: Partial<Mention> = {}): Mention =>
  told(mention.message, { chat, fromMe, ...more });

/** Each message's chat with the offsets of its changes. */
function matched(...mentions: readonly Mention[]): unknown {
  const { messages, unmatched } = matchChanges(mentions);
  return {
    messages: messages.map(({ originals, changes }) => [
      originals.map((one) => one.offset),
      changes.map((one) => one.offset),
    ]),
    unmatched: unmatched.map((one) => one.offset),
  };
}

describe("which message a change is about", () => {
  it("is the only one of its id, whatever the change says of chat and direction", () => {
    const received = message(maria, false);
    const edit = told(mention.edit, { chat: own, fromMe: true });
    const ack = told(mention.ack, { status: 3 });
    expect(matched(edit, received, ack)).toEqual({
      messages: [[[received.offset], [edit.offset, ack.offset]]],
      unmatched: [],
    });
  });

  it("is the one of its chat, where a broadcast list has the same id in several", () => {
    const toMaria = message(maria, true);
    const toJoao = message(joao, true);
    const ack = told(mention.ack, { chat: joao, fromMe: true, status: 2 });
    expect(matched(ack, toMaria, toJoao)).toEqual({
      messages: [
        [[toMaria.offset], []],
        [[toJoao.offset], [ack.offset]],
      ],
      unmatched: [],
    });
  });

  it("is the one of its direction, where the chat says nothing", () => {
    const received = message(maria, false);
    const sent = message(joao, true);
    const deletion = told(mention.deletion, { fromMe: true });
    expect(matched(received, sent, deletion)).toEqual({
      messages: [
        [[received.offset], []],
        [[sent.offset], [deletion.offset]],
      ],
      unmatched: [],
    });
  });

  it("is nobody's rather than the wrong one's", () => {
    const toMaria = message(maria, true);
    const toJoao = message(joao, true);
    const ack = told(mention.ack, { fromMe: true, status: 2 });
    expect(matched(toMaria, toJoao, ack)).toMatchObject({ unmatched: [ack.offset] });
    expect(matched(ack)).toEqual({ messages: [], unmatched: [ack.offset] });
  });

  it("joins copies of a message, in the order of the log", () => {
    const waiting = message(maria, false);
    const complete = message(maria, false);
    expect(matched(complete, waiting)).toEqual({
      messages: [[[waiting.offset, complete.offset], []]],
      unmatched: [],
    });
  });

  it("keeps apart what two people wrote in one group under one id", () => {
    const one = message("1@g.us", false, { person: maria });
    const other = message("1@g.us", false, { person: joao });
    expect(matched(one, other)).toMatchObject({
      messages: [
        [[one.offset], []],
        [[other.offset], []],
      ],
    });
  });
});

it("thousands of messages of one id with thousands of changes are matched in one go", () => {
  const chats = Array.from({ length: 20_000 }, (_, n) => `${n}@s.whatsapp.net`);
  const messages = chats.map((chat) => message(chat, false));
  const changes = chats.map((chat) => told(mention.edit, { chat, fromMe: false }));
  const strays = chats.map(() => told(mention.ack, { chat: own, fromMe: true }));
  const found = matchChanges([...messages, ...changes, ...strays]);
  expect(found.messages.map((one) => one.changes)).toEqual(changes.map((change) => [change]));
  expect(found.unmatched).toEqual(strays);
});
