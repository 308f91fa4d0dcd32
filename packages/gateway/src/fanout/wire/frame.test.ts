import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentedText, liveEvent } from "../testing/live-event.ts";
import { documentedEvents } from "./documented-events.ts";
import { eventPackets, webSocketFrames } from "./frame.ts";

const cursorOf = (tenantId: string, offset: number): string => `v1.${tenantId}.e.${offset}`;

/** Any text, halves of emoji and NUL included. */
const anyText = fc.string({ unit: "binary" });
const nasty = fc.oneof(
  anyText,
  fc.constantFrom("\u0000", "\uD83D", "\uDE00x", '","data":{"x":1}', "\\", "\u2028", "😀"),
);

describe("packets", () => {
  it("say what Socket.IO would say of the same envelope, for any text in any place", () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, fc.nat(), (text, name, tenantId, offset) => {
        const live = liveEvent({
          type: "message.sent",
          data: { messageId: text, content: { kind: "text", text: `${text}","data":{}` } },
          instance: { id: "inst_1", name, provider: "waha" },
          tenantId,
          offset,
          message: documentedText(name, text),
        });
        for (const event of [...documentedEvents(live), { name, data: live.event.data }]) {
          const [packet = ""] = eventPackets(live, [event], cursorOf);
          expect(packet.slice(0, 1)).toBe("2");
          expect(JSON.parse(packet.slice(1))).toEqual([
            `whatsapp:${event.name}`,
            {
              event: event.name,
              instanceName: name,
              data: event.data,
              timestamp: live.event.occurredAt,
              provider: "WAHA",
              id: live.stored.id,
              offset,
              cursor: cursorOf(tenantId, offset),
              tenantId,
              type: "message.sent",
            },
          ]);
        }
      }),
    );
  });

  it("carry the stored text of data, not a second writing of it", () => {
    const live = liveEvent({ type: "contact.updated", data: { name: "Ana" } });
    const odd = live.stored.json.replace(
      '{"name":"Ana"}',
      '{"name":"Ana","n":12345678901234567890}',
    );
    const [packet] = eventPackets(
      { ...live, stored: { ...live.stored, json: odd } },
      documentedEvents(live),
      cursorOf,
    );
    expect(packet).toContain('"data":{"name":"Ana","n":12345678901234567890}');
  });

  it("write data that several events share once", () => {
    let written = 0;
    const data = {
      toJSON(): string {
        written += 1;
        return "x";
      },
    };
    const live = liveEvent({ type: "contact.updated", data: {} });
    const packets = eventPackets(
      live,
      [
        { name: "a", data },
        { name: "b", data },
      ],
      cursorOf,
    );
    expect(packets).toHaveLength(2);
    expect(written).toBe(1);
  });

  it("say null for what JSON cannot say", () => {
    const live = liveEvent({ type: "app.emitted", data: { event: "e", payload: undefined } });
    const [packet = ""] = eventPackets(live, documentedEvents(live), cursorOf);
    expect(JSON.parse(packet.slice(1))).toMatchObject(["whatsapp:e", { data: null }]);
  });
});

describe("WebSocket frames", () => {
  it("hold each packet as one text message, whatever its length", () => {
    for (const length of [0, 1, 124, 125, 65_533, 65_534, 65_535, 70_000]) {
      const packets = ["é".repeat(Math.floor(length / 2)) + "x".repeat(length % 2), "2[]"];
      expect(read(webSocketFrames(packets))).toEqual(packets.map((packet) => `4${packet}`));
    }
  });

  it("are valid UTF-8 also for half an emoji", () => {
    expect(read(webSocketFrames(["a\uD83Db"]))).toEqual(["4a\uFFFDb"]);
  });
});

/** RFC 6455 5.2, server to client. */
function read(buffer: Buffer): string[] {
  const messages: string[] = [];
  let at = 0;
  while (at < buffer.length) {
    expect(buffer[at]).toBe(0x81);
    let size = buffer.readUInt8(at + 1);
    at += 2;
    if (size === 126) {
      size = buffer.readUInt16BE(at);
      at += 2;
      expect(size).toBeGreaterThan(125);
    } else if (size === 127) {
      size = Number(buffer.readBigUInt64BE(at));
      at += 8;
      expect(size).toBeGreaterThan(65_535);
    }
    messages.push(buffer.toString("utf8", at, at + size));
    at += size;
  }
  return messages;
}
