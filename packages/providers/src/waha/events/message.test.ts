import { describe, expect, it } from "vitest";
import { draftsOf } from "../testing/fixture.ts";

const chat = "5511900000009@c.us";

function only(event: string, payload: object, me: object | null = null) {
  const drafts = draftsOf(JSON.stringify({ id: "evt_1", event, session: "s", me, payload }));
  expect(drafts).toHaveLength(1);
  return drafts[0]!;
}

const inside = (message: object, rest: object = {}) => ({
  id: `false_${chat}_ACT`,
  from: chat,
  fromMe: false,
  body: null,
  _data: { key: { remoteJid: chat, id: "ACT", fromMe: false }, message },
  ...rest,
});

describe("what travels inside message.any", () => {
  it.each(["message", "message.any"])("%s: an edit is an edit", (event) => {
    const editedMessage = { conversation: "certo" };
    const payload = inside({
      protocolMessage: { key: { id: "OLD" }, type: "MESSAGE_EDIT", editedMessage },
    });
    expect(only(event, payload)).toMatchObject({
      type: "message.edited",
      data: { messageId: "OLD", content: { kind: "text", text: "certo" } },
    });
  });

  it("an edit that GOWS unwrapped is told by its raw message", () => {
    const raw = {
      protocolMessage: { key: { ID: "OLD" }, type: 14, editedMessage: { conversation: "certo" } },
    };
    const payload = {
      id: `false_${chat}_ACT`,
      fromMe: false,
      body: "certo",
      _data: {
        Info: { Chat: chat, ID: "ACT" },
        IsEdit: true,
        Message: { conversation: "certo" },
        RawMessage: { editedMessage: { message: raw } },
      },
    };
    expect(only("message.any", payload)).toMatchObject({
      type: "message.edited",
      data: { messageId: "OLD" },
    });
  });

  it("a deletion is a deletion, by name or number", () => {
    for (const type of ["REVOKE", 0]) {
      expect(
        only("message.any", inside({ protocolMessage: { key: { id: "OLD" }, type } })),
      ).toMatchObject({
        type: "message.deleted",
        data: { messageId: "OLD" },
      });
    }
  });

  it("a reaction, as until 2024, meets the identity of message.reaction", () => {
    const old = only("message", inside({ reactionMessage: { key: { id: "OLD" }, text: "👍" } }));
    const now = only("message.reaction", {
      id: `false_${chat}_ACT`,
      fromMe: false,
      reaction: { text: "👍", messageId: `true_${chat}_OLD` },
    });
    expect(old).toMatchObject({
      type: "message.reacted",
      data: { emoji: "👍", targetMessageId: "OLD" },
    });
    expect(now.identity).toEqual(old.identity);
  });

  it("a vote that nobody decrypted is a failed vote", () => {
    const vote = {
      pollCreationMessageKey: { id: "POLL" },
      vote: { encPayload: "AA==", encIv: "AA==" },
    };
    expect(only("message.any", inside({ pollUpdateMessage: vote }))).toMatchObject({
      type: "poll.voted",
      data: { pollMessageId: "POLL", options: [], failed: true },
    });
  });

  it("a call or a setting is a system content, not an empty text", () => {
    for (const message of [
      { call: { callKey: "AA==" } },
      { protocolMessage: { type: "EPHEMERAL_SETTING" } },
    ]) {
      expect(only("message.any", inside(message)).data).toMatchObject({
        content: { kind: "system" },
      });
    }
  });
});

describe("message.revoked", () => {
  it("without an id names the message it was, else the notice", () => {
    const before = { id: `false_${chat}_OLD`, from: chat, body: "apague" };
    const after = { id: `false_${chat}_NEW`, from: chat, body: "" };
    expect(only("message.revoked", { after, before })).toMatchObject({
      data: { messageId: "OLD", content: { kind: "text", text: "apague" } },
    });
    expect(only("message.revoked", { after, before: null }).data).toEqual({ messageId: "NEW" });
    expect(only("message.revoked", { before }).data).toMatchObject({ messageId: "OLD" });
  });

  it("reads WhatsApp Web's key when the id is missing", () => {
    const model = {
      type: "revoked",
      protocolMessageKey: { remote: chat, fromMe: false, id: "OLD" },
    };
    const after = { id: `false_${chat}_NEW`, from: chat, body: "", _data: model };
    expect(only("message.revoked", { after, before: null }).data).toEqual({ messageId: "OLD" });
  });

  it("that names nothing is kept whole", () => {
    expect(only("message.revoked", { after: null, before: null })).toMatchObject({
      type: "provider.event",
      data: { reason: "missing_message_id" },
    });
  });
});

describe("calls", () => {
  const me = { id: "5511900000101@c.us", lid: "111000000000101@lid" };

  it("are the other person's, also when a device of one's own is named", () => {
    const payload = {
      id: "C1",
      from: "111000000000101@lid",
      _data: { chatId: "5511900000009@s.whatsapp.net", status: "accept" },
    };
    expect(only("call.accepted", payload, me)).toMatchObject({
      type: "call.updated",
      contact: { phone: "5511900000009" },
      chat: { id: "5511900000009@s.whatsapp.net" },
    });
  });

  it("without a status of the engine's have the act that the event names", () => {
    for (const [event, status] of [
      ["call.received", "offer"],
      ["call.accepted", "accept"],
      ["call.rejected", "reject"],
    ] as const) {
      expect(only(event, { id: "C1", from: chat }).data).toMatchObject({ status });
    }
  });
});

describe("WPP", () => {
  it("says the id in its own data when the composed one is broken", () => {
    const payload = {
      id: "x@y",
      from: chat,
      fromMe: false,
      body: "oi",
      _data: { id: `false_${chat}_WPP1`, type: "chat" },
    };
    expect(only("message", payload)).toMatchObject({
      type: "message.received",
      data: { messageId: "WPP1" },
    });
  });
});
