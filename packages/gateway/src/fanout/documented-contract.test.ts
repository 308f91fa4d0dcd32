import type { MessageAckEvent, MessageEvent, WebSocketEventPayload } from "@recado/protocol";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ask,
  offsets,
  once,
  record,
  startHarness,
  type Harness,
} from "./testing/fanout-harness.ts";
import { liveEvent, message, suporte, vendas } from "./testing/live-event.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe.each([
  ["websocket", { transports: ["websocket"] }],
  ["long-polling", { transports: ["polling"] }],
  ["the default transports", { transports: ["polling", "websocket"] }],
])("a stock client over %s", (_name, transports) => {
  it("gets the documented fields after the documented snippet, which waits for nothing", async () => {
    const socket = io(harness.url, { ...transports, forceNew: true });
    const token = await harness.token("tenant_a");
    socket.emit("authenticate", { token, tenantId: "tenant_a" });
    socket.emit("subscribe:instance", "vendas-2024");
    const received = once<WebSocketEventPayload<MessageEvent>>(socket, "whatsapp:message_received");
    const acked = once<WebSocketEventPayload<MessageAckEvent>>(socket, "whatsapp:message_ack");
    await once(socket, "subscribed");
    harness.tail.publish(
      message("olá", { offset: 7 }),
      liveEvent({
        type: "message.acked",
        data: { messageId: "3EB0", status: 4, statusName: "PLAYED" },
        offset: 8,
        more: { chat: { id: "5511999990000@s.whatsapp.net", kind: "person" } },
      }),
    );
    const payload = await received;
    expect(payload).toMatchObject({
      event: "message_received",
      instanceName: "vendas-2024",
      provider: "EVOLUTION",
      timestamp: "2025-10-07T23:30:00.000Z",
      tenantId: "tenant_a",
      type: "message.received",
      offset: 7,
    });
    expect(payload.id).toMatch(/^evt_/);
    expect(payload.cursor).toMatch(/^v1\..+\.epoch1\.7$/);
    expect(payload.data.key.fromMe).toBe(false);
    expect(payload.data.messageTimestamp).toBe(1_759_879_800);
    expect((await acked).data).toEqual({
      id: "3EB0",
      chat: "5511999990000@s.whatsapp.net",
      ack: 3,
      ackName: "PLAYED",
      timestamp: 1_759_879_800,
    });
    socket.disconnect();
  });

  it("hears every event once and in order, also when it subscribed to the instance", async () => {
    const socket = await harness.connectAs("tenant_a", transports);
    await ask(socket, "subscribe:instance", "vendas-2024");
    const recording = record(socket);
    const count = 300;
    for (let offset = 1; offset <= count; offset += 1) {
      harness.tail.publish(
        message(`n${offset}`, { offset, instance: offset % 2 ? vendas : suporte }),
      );
      if (offset % 50 === 0) await new Promise(setImmediate);
    }
    const heard = await recording.until((one) => one.payload.offset === count);
    expect(offsets(heard, "whatsapp:message_received")).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
    expect(heard).toHaveLength(count);
    socket.disconnect();
  });
});

it("an event of the tenant itself names no instance and no provider", async () => {
  const socket = await harness.connectAs("tenant_a");
  const failing = once<WebSocketEventPayload>(socket, "whatsapp:endpoint_failing");
  harness.tail.publish(
    liveEvent({ type: "endpoint.failing", data: { endpointId: "ep_1" }, instance: undefined }),
  );
  const payload = await failing;
  expect(payload.data).toEqual({ endpointId: "ep_1" });
  expect(payload).not.toHaveProperty("instanceName");
  expect(payload).not.toHaveProperty("provider");
});

it("the browser build of the client is served where old pages load it from", async () => {
  const response = await fetch(`${harness.url}/socket.io/socket.io.js`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
});
