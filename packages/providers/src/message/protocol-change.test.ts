import { describe, expect, it } from "vitest";
import { pollVote } from "./poll-vote.ts";
import { protocolChange } from "./protocol-change.ts";

describe("protocolChange", () => {
  const key = { id: "A", remoteJid: "5511900000001@s.whatsapp.net", fromMe: true };

  it("finds an edit at any wrapper, with its text and time", () => {
    const protocolMessage = {
      key,
      type: 14,
      editedMessage: { conversation: "novo" },
      timestampMs: "1714000000123",
    };
    const edited = {
      kind: "edited",
      messageId: "A",
      key,
      content: { kind: "text", text: "novo" },
      changedAt: 1714000000123,
    };
    expect(protocolChange({ protocolMessage })).toEqual(edited);
    expect(protocolChange({ editedMessage: { message: { protocolMessage } } })).toEqual(edited);
  });

  it("reads the spelling of Go", () => {
    const protocolMessage = {
      key: { ID: "A", remoteJID: "x" },
      type: 14,
      editedMessage: { conversation: "b" },
      timestampMS: 1782452401000,
    };
    expect(protocolChange({ editedMessage: { message: { protocolMessage } } })).toMatchObject({
      kind: "edited",
      messageId: "A",
      changedAt: 1782452401000,
    });
  });

  it("tells a revoke and other protocol messages apart", () => {
    expect(protocolChange({ protocolMessage: { key, type: "REVOKE" } })).toEqual({
      kind: "deleted",
      messageId: "A",
      key,
    });
    expect(protocolChange({ protocolMessage: { key, type: 0 } })).toMatchObject({
      kind: "deleted",
    });
    expect(protocolChange({ protocolMessage: { type: "EPHEMERAL_SETTING" } })).toEqual({
      kind: "other",
      type: "EPHEMERAL_SETTING",
    });
    expect(protocolChange({ conversation: "oi" })).toBeUndefined();
  });

  it("reports an encrypted edit without a text", () => {
    expect(
      protocolChange({ secretEncryptedMessage: { targetMessageKey: key, secretEncType: 2 } }),
    ).toEqual({ kind: "edited", messageId: "A", key });
  });
});

describe("pollVote", () => {
  it("reads names, and says nothing about a vote that is still encrypted", () => {
    const vote = (selectedOptions: unknown) => ({
      pollUpdateMessage: { pollCreationMessageKey: { id: "P" }, vote: { selectedOptions } },
    });
    expect(pollVote(vote(["Azul"]))?.options).toEqual(["Azul"]);
    expect(pollVote(vote([]))?.options).toEqual([]);
    expect(pollVote(vote(undefined))?.options).toBeUndefined();
    expect(pollVote(vote([Buffer.alloc(32, 7).toString("base64")]))?.options).toBeUndefined();
    expect(pollVote(vote(["Azul"]))?.pollMessageId).toBe("P");
  });
});
