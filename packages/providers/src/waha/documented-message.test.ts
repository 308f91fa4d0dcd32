import { describe, expect, it } from "vitest";
import { documentedOf } from "../testing/documented-of.ts";
import { waha } from "./index.ts";
import { recordedEvents } from "./testing/fixture.ts";

const bodies = new Map(recordedEvents().map(({ name, body }) => [name, body]));
const documented = (name: string) => documentedOf(waha, bodies.get(name) ?? {}, 0);

describe("the documented message", () => {
  it("carries NOWEB's own message", () => {
    expect(documented("message-image-noweb")).toMatchObject({
      key: { remoteJid: "5511900000009@s.whatsapp.net", fromMe: false, id: "3EB0RECADO0000000005" },
      message: { imageMessage: { caption: "Segue o comprovante", mimetype: "image/jpeg" } },
      messageType: "imageMessage",
      messageTimestamp: 1795561065,
      pushName: "Maria Teste",
      broadcast: false,
    });
  });

  it("names a group's author beside the chat", () => {
    expect(documented("message-group-gows")?.key).toEqual({
      remoteJid: "120363000000000001@g.us",
      fromMe: false,
      id: "3EB0GOWS1009",
      participant: "5511900000021@s.whatsapp.net",
    });
  });

  it("is built in the same shape where the engine has none", () => {
    expect(documented("message-text-wpp")).toEqual({
      key: { remoteJid: "5511900000009@s.whatsapp.net", fromMe: false, id: "3AWPP00000000000001" },
      message: { conversation: "Oi pelo WPP" },
      messageType: "conversation",
      messageTimestamp: 1785000005,
      pushName: "Maria Teste",
    });
    expect(documented("message-voice-webjs")).toMatchObject({
      message: { audioMessage: { mimetype: "audio/ogg; codecs=opus", ptt: true } },
      messageType: "audioMessage",
    });
  });

  it("looks through a disappearing message's wrapper for the type", () => {
    expect(documented("message-ephemeral-noweb")?.messageType).toBe("extendedTextMessage");
  });

  it("without content has a type but no message", () => {
    const waiting = documented("message-waiting-webjs");
    expect(waiting?.messageType).toBe("ciphertext");
    expect(waiting).not.toHaveProperty("message");
  });

  it("hands no key material on", () => {
    const message = {
      conversation: "oi",
      senderKeyDistributionMessage: { axolotlSenderKeyDistributionMessage: "c2VjcmV0" },
      protocolMessage: { appStateSyncKeyShare: { keys: ["c2VjcmV0"] } },
    };
    const payload = { id: "true_5511900000101@c.us_A", fromMe: true, _data: { key: {}, message } };
    const shown = documentedOf(waha, { event: "message.any", session: "s", payload }, 0);
    expect(JSON.stringify(shown)).not.toContain("c2VjcmV0");
  });

  it("is there for messages only", () => {
    for (const name of [
      "message-edited-noweb",
      "message-ack-read-noweb",
      "session-status-working-noweb",
    ]) {
      expect(documented(name)).toBeUndefined();
    }
    expect(documentedOf(waha, bodies.get("message-text-noweb") ?? {}, 1)).toBeUndefined();
  });
});
