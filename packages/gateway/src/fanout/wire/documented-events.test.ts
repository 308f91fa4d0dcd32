import { eventTypes } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import { documentedText, liveEvent, message } from "../testing/live-event.ts";
import { documentedEvents } from "./documented-events.ts";

const chat = { id: "5511999990000@s.whatsapp.net", kind: "person" } as const;

describe("messages", () => {
  it("a received message is one event, with the provider's own form of it", () => {
    expect(documentedEvents(message("olá"))).toEqual([
      { name: "message_received", data: documentedText("3EB03", "olá") },
    ]);
  });

  it("a sent message is heard as received, where key.fromMe tells, and as sent, with the same data", () => {
    const data = documentedText("3EB0", "oi");
    const events = documentedEvents(
      liveEvent({
        type: "message.sent",
        data: { messageId: "3EB0", content: { kind: "text", text: "oi" } },
        message: data,
      }),
    );
    expect(events.map((one) => one.name)).toEqual(["message_received", "message_sent"]);
    expect(events[0]?.data).toBe(data);
    expect(events[1]?.data).toBe(data);
  });

  it("a message whose provider body is not at hand still has its key, its kind and its seconds", () => {
    const [first] = documentedEvents(
      liveEvent({
        type: "message.received",
        data: { messageId: "3EB0", content: { kind: "image" } },
        more: { chat, fromMe: false, contact: { jid: chat.id, name: "Ana" } },
      }),
    );
    expect(first?.data).toEqual({
      key: { remoteJid: chat.id, fromMe: false, id: "3EB0" },
      messageType: "image",
      messageTimestamp: 1_759_879_800,
      pushName: "Ana",
    });
  });
});

describe("acknowledgements", () => {
  it.each([
    [-1, 0],
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 3],
  ])("status %i is %i on the documented scale, its own word kept", (status, ack) => {
    const events = documentedEvents(
      liveEvent({
        type: "message.acked",
        data: { messageId: "3EB0", status, statusName: "WORD" },
        more: { chat },
      }),
    );
    expect(events.map((one) => one.name)).toEqual(["message_ack", "message_acked"]);
    expect(events[0]?.data).toEqual({
      id: "3EB0",
      chat: chat.id,
      ack,
      ackName: "WORD",
      timestamp: 1_759_879_800,
    });
  });

  it("a status that is no number of the scale goes out under its canonical name alone", () => {
    const live = liveEvent({
      type: "message.acked",
      data: { messageId: "3EB0", status: null, statusName: "MAYBE" },
    });
    expect(documentedEvents(live)).toEqual([{ name: "message_acked", data: live.event.data }]);
  });
});

describe("connection and status", () => {
  it("a refused connection is close, with the provider's own word", () => {
    const [first, second] = documentedEvents(
      liveEvent({
        type: "instance.connection_changed",
        data: { state: "close", providerState: "refused", reason: "logged_out", reasonCode: 401 },
      }),
    );
    expect(first).toEqual({
      name: "connection_update",
      data: { state: "close", providerState: "refused", reason: "logged_out", reasonCode: 401 },
    });
    expect(second?.name).toBe("instance_connection_changed");
  });

  it("an open connection has no word beside its state", () => {
    const [first] = documentedEvents(
      liveEvent({
        type: "instance.connection_changed",
        data: { state: "open", providerState: "open" },
      }),
    );
    expect(first?.data).toEqual({ state: "open" });
  });

  it("a status names its instance", () => {
    const [first] = documentedEvents(
      liveEvent({
        type: "instance.status_changed",
        data: { status: "close", providerStatus: "closed" },
      }),
    );
    expect(first).toEqual({
      name: "status_instance",
      data: { instance: "vendas-2024", status: "close" },
    });
  });
});

describe("QR codes", () => {
  it("a code is sent as data.qr with what came with it", () => {
    const [first] = documentedEvents(
      liveEvent({
        type: "instance.qr_updated",
        data: { qr: "2@abc", base64: "data:image/png;base64,AA", pairingCode: "WZYE" },
      }),
    );
    expect(first).toEqual({
      name: "qrcode_updated",
      data: { qr: "2@abc", base64: "data:image/png;base64,AA", pairingCode: "WZYE" },
    });
  });

  it.each([{}, { qr: "" }, { base64: "data:image/png;base64,AA" }])(
    "without a code there is no qrcode_updated (%j)",
    (data) => {
      const events = documentedEvents(liveEvent({ type: "instance.qr_updated", data }));
      expect(events.map((one) => one.name)).toEqual(["instance_qr_updated"]);
    },
  );

  it("the limit of codes closes the connection and is said by name", () => {
    const events = documentedEvents(
      liveEvent({
        type: "instance.qr_expired",
        data: { reason: "QR code limit reached, please login again", statusCode: 500 },
      }),
    );
    expect(events.map((one) => one.name)).toEqual([
      "connection_update",
      "qrcode_expired",
      "instance_qr_expired",
    ]);
    expect(events[0]?.data).toMatchObject({ state: "close" });
  });
});

it.each(["pedido:novo", "whatsapp:pedido:novo"])(
  "what an application emits (%s) goes out under its own name",
  (name) => {
    const [first, second] = documentedEvents(
      liveEvent({ type: "app.emitted", data: { event: name, payload: { total: 3 } } }),
    );
    expect(first).toEqual({ name: "pedido:novo", data: { total: 3 } });
    expect(second?.name).toBe("app_emitted");
  },
);

it("every type of the vocabulary is sent under its canonical name, each name once", () => {
  for (const type of eventTypes) {
    const data = { messageId: "m", content: { kind: "text" }, event: "own", state: "open" };
    const live = liveEvent({ type, data: data as never });
    const names = documentedEvents(live).map((one) => one.name);
    expect(names).toContain(type.replaceAll(".", "_"));
    expect(new Set(names).size).toBe(names.length);
  }
});
