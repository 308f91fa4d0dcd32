import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, once, record, startHarness, type Harness } from "../testing/fanout-harness.ts";
import { message, vendas } from "../testing/live-event.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

it("tenant B hears nothing of tenant A, whatever names of rooms, tenants and instances it tries", async () => {
  const a = await harness.connectAs("tenant_a");
  const b = await harness.connectAs("tenant_b");
  const guesses = [
    "tenant_a",
    "tenant:tenant_a",
    "instance:vendas-2024",
    "vendas-2024",
    "inst_vendas",
    "suporte",
    a.id ?? "",
    "*",
    "/",
    "__proto__",
    "constructor",
  ];
  for (const guess of guesses) {
    await ask(b, "subscribe:instance", guess);
    b.emit("join", guess);
    b.emit("subscribe", guess);
    b.emit("room", { room: guess });
    await ask(b, "authenticate", { token: await harness.token("tenant_b"), tenantId: guess });
  }
  const heardByB = record(b);
  const heardByA = record(a);
  harness.tail.publish(
    message("for A", { tenantId: "tenant_a", offset: 1, instance: vendas }),
    message("for B", {
      tenantId: "tenant_b",
      offset: 1,
      instance: { ...vendas, id: "inst_vendas_b" },
    }),
    message("for A too", { tenantId: "tenant_a", offset: 2 }),
  );
  await heardByA.until((one) => one.payload.offset === 2);
  await heardByB.until((one) => one.payload.offset === 1);
  await ask(b, "unsubscribe:instance", "x");
  const texts = (heard: typeof heardByA.heard): unknown[] =>
    heard
      .filter((one) => one.name === "whatsapp:message_received")
      .map((one) => one.payload.data["message"]);
  expect(texts(heardByB.heard)).toEqual([{ conversation: "for B" }]);
  expect(texts(heardByA.heard)).toEqual([{ conversation: "for A" }, { conversation: "for A too" }]);
});

it("a client without a credential hears nothing at all", async () => {
  const anonymous = await harness.connect();
  const recording = record(anonymous);
  harness.tail.publish(message("for A", { offset: 3 }), message("for B", { tenantId: "tenant_b" }));
  await ask(anonymous, "unsubscribe:instance", "x");
  expect(recording.heard.map((one) => one.name)).toEqual(["error"]);
});

it("one client of a tenant cannot send events to another", async () => {
  const sender = await harness.connectAs("tenant_a");
  const other = await harness.connectAs("tenant_a");
  const recording = record(other);
  sender.emit("whatsapp:message_received", { data: "forged" });
  sender.emit("message", "forged");
  await ask(sender, "unsubscribe:instance", "x");
  await ask(other, "unsubscribe:instance", "x");
  expect(recording.heard.map((one) => one.name)).toEqual(["unsubscribed"]);
});

it("a page of an origin that is not allowed cannot connect over any transport", async () => {
  const strict = await startHarness({ allowedOrigins: ["https://painel.example.test"] });
  try {
    for (const transport of ["websocket", "polling"]) {
      const options = { transports: [transport], reconnection: false, autoConnect: false };
      const foreign = await outcomeOf(strict, {
        ...options,
        extraHeaders: { origin: "https://evil.test" },
      });
      expect(foreign).toBe("connect_error");
      const known = await outcomeOf(strict, {
        ...options,
        extraHeaders: { origin: "https://painel.example.test" },
      });
      expect(known).toBe("connect");
    }
  } finally {
    await strict.close();
  }
});

async function outcomeOf(where: Harness, options: Record<string, unknown>): Promise<string> {
  const { io } = await import("socket.io-client");
  const socket = io(where.url, { forceNew: true, ...options });
  const outcome = Promise.race([
    once(socket, "connect").then(() => "connect"),
    once(socket, "connect_error").then(() => "connect_error"),
  ]);
  socket.connect();
  const result = await outcome;
  socket.disconnect();
  return result;
}
