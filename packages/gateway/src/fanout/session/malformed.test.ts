import type { ErrorBody } from "@recado/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, once, record, startHarness, type Harness } from "../testing/fanout-harness.ts";
import { message } from "../testing/live-event.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const events = ["authenticate", "subscribe:instance", "unsubscribe:instance"];

describe("arguments", () => {
  it.each([
    ["authenticate", []],
    ["authenticate", [null]],
    ["authenticate", ["a token"]],
    ["authenticate", [["a token"]]],
    ["authenticate", [{}]],
    ["authenticate", [{ token: "" }]],
    ["authenticate", [{ token: 7 }]],
    ["authenticate", [{ token: { toString: "x" } }]],
    ["authenticate", [{ token: "t", tenantId: 7 }]],
    ["authenticate", [{ token: "t", scope: "everything" }]],
    ["authenticate", [{ token: Buffer.from("t") }]],
    ["subscribe:instance", []],
    ["subscribe:instance", [""]],
    ["subscribe:instance", [{ name: "vendas-2024" }]],
    ["subscribe:instance", ["x".repeat(401)]],
    ["unsubscribe:instance", [null]],
    ["no-such-event", ["x"]],
    ["error", [{ message: "x" }]],
  ])("%s %j is refused with invalid_request and the reason", async (event, args) => {
    const socket = await harness.connectAs("tenant_a");
    const error = once<ErrorBody>(socket, "error");
    const answer = await ask(socket, event, ...args);
    expect(answer).toMatchObject({ success: false, code: "invalid_request" });
    expect(answer["error"]).toBe(answer["message"]);
    expect(answer["details"]).toHaveLength(1);
    expect(await error).toEqual(answer);
    socket.disconnect();
  });

  it("of any shape never end the process nor the connection", async () => {
    const socket = await harness.connectAs("tenant_a");
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...events), fc.string({ minLength: 1 })),
        fc.array(fc.jsonValue(), { maxLength: 3 }),
        async (event, args) => {
          // Names that the client library keeps for itself.
          fc.pre(
            ![
              "connect",
              "connect_error",
              "disconnect",
              "disconnecting",
              "newListener",
              "removeListener",
            ].includes(event),
          );
          expect(await ask(socket, event, ...args)).toHaveProperty("success");
        },
      ),
      { numRuns: 60 },
    );
    expect(socket.connected).toBe(true);
    socket.disconnect();
  });
});

describe("what is no Socket.IO at all", () => {
  it.each([
    "2[",
    "9",
    '2{"a":1}',
    '2["x"',
    // Announces bytes that never come.
    '51-["x",{"_placeholder":true,"num":0}]',
    "\u0000",
    '2["connect"]',
  ])("a packet like %j ends that connection and no other", async (packet) => {
    const other = await harness.connectAs("tenant_a");
    const socket = await harness.connectAs("tenant_a", { reconnection: false });
    const gone = once(socket, "disconnect");
    socket.io.engine.write(packet);
    socket.io.engine.write('2["unsubscribe:instance","x"]');
    expect(await gone).toMatch(/^transport/);
    const received = once(other, "whatsapp:message_received");
    harness.tail.publish(message("still here"));
    expect(await received).toHaveProperty("id");
    other.disconnect();
  });

  it("a message above the limit ends that connection", async () => {
    const socket = await harness.connectAs("tenant_a", { reconnection: false });
    const gone = once(socket, "disconnect");
    socket.emit("subscribe:instance", "x".repeat(70_000));
    expect(await gone).toMatch(/^transport/);
  });

  it("another namespace does not exist", async () => {
    const socket = await harness.connect();
    const other = socket.io.socket("/admin");
    const error = once<Error>(other, "connect_error");
    other.connect();
    expect((await error).message).toBe("Invalid namespace");
  });
});

describe("too much", () => {
  it("a flood of messages is told so and closed; its queue never grows past the burst", async () => {
    const strict = await startHarness({ limits: { messageBurst: 20, messagesPerSecond: 1 } });
    try {
      const socket = await strict.connectAs("tenant_a", { reconnection: false });
      const recording = record(socket);
      const gone = once(socket, "disconnect");
      for (let index = 0; index < 500; index += 1) socket.emit("subscribe:instance", `n${index}`);
      await gone;
      const codes = recording.heard.map((one) => (one.payload as unknown as ErrorBody).code);
      expect(codes.at(-1)).toBe("socket_flood");
      expect(codes.length).toBeLessThanOrEqual(21);
      expect(strict.fanout.stats().closedFlooding).toBe(1);
    } finally {
      await strict.close();
    }
  });

  it("subscriptions beyond the limit are refused and the others stay", async () => {
    const strict = await startHarness({ limits: { subscriptions: 1 } });
    try {
      const socket = await strict.connectAs("tenant_a");
      expect(await ask(socket, "subscribe:instance", "suporte")).toMatchObject({ success: true });
      expect(await ask(socket, "subscribe:instance", "vendas-2024")).toMatchObject({
        code: "socket_limit",
      });
      await ask(socket, "unsubscribe:instance", "suporte");
      expect(await ask(socket, "subscribe:instance", "vendas-2024")).toMatchObject({
        success: true,
      });
    } finally {
      await strict.close();
    }
  });
});
