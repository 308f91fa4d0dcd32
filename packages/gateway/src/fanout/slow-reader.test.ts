import type { Socket as NetSocket } from "node:net";
import type { ErrorBody } from "@recado/protocol";
import type { Socket } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask, once, record, startHarness, type Harness } from "./testing/fanout-harness.ts";
import { message } from "./testing/live-event.ts";

const limit = 256 * 1024;
const batch = 64 * 1024;
let harness: Harness;
beforeEach(async () => {
  harness = await startHarness({
    limits: { queuedBytes: limit, batchCharacters: batch, closeMs: 200 },
  });
});
afterEach(() => harness.close());

/** The client's own end of its WebSocket. */
function clientEnd(socket: Socket): NetSocket {
  const transport = socket.io.engine.transport as unknown as {
    readonly ws: { readonly _socket: NetSocket };
  };
  return transport.ws["_socket"];
}

const text = "x".repeat(16 * 1024);

/** Publishes until the fan-out gives the slow one up; answers the most that was queued on the way. */
async function publishUntilClosed(): Promise<number> {
  let most = 0;
  for (let offset = 1; harness.fanout.stats().closedTooSlow === 0; offset += 1) {
    if (offset > 20_000) throw new Error("nobody was given up");
    harness.tail.publish(message(text, { offset }));
    most = Math.max(most, harness.fanout.stats().queuedBytes);
    await new Promise(setImmediate);
  }
  return most;
}

describe("a WebSocket client that stops reading", () => {
  it("costs a bounded amount of memory and is cut off, while others hear everything", async () => {
    const slow = await harness.connectAs("tenant_a", { reconnection: false });
    const fast = await harness.connectAs("tenant_a");
    const recording = record(fast);
    clientEnd(slow).pause();
    const most = await publishUntilClosed();
    // One batch may come on top, and the fast client has one of its own; a batch ends behind the event
    // that fills it.
    expect(most).toBeLessThan(limit + 2 * (batch + 2 * text.length));
    harness.tail.publish(message("last", { offset: 1_000_000 }));
    const heard = await recording.until((one) => one.payload.offset === 1_000_000);
    const offsets = heard.map((one) => one.payload.offset);
    expect(offsets).toEqual([
      ...Array.from({ length: offsets.length - 1 }, (_, i) => i + 1),
      1_000_000,
    ]);
    // It reads nothing, not even that it is closed, and goes all the same.
    while (harness.fanout.stats().connectedClients > 1) await new Promise(setImmediate);
    expect(harness.fanout.stats().closedTooSlow).toBe(1);
    const gone = once(slow, "disconnect");
    clientEnd(slow).resume();
    await gone;
  });

  it("that reads on in time is told why it was closed, behind whole events in order", async () => {
    const slow = await harness.connectAs("tenant_a", { reconnection: false });
    const recording = record(slow);
    clientEnd(slow).pause();
    await publishUntilClosed();
    const error = once<ErrorBody>(slow, "error");
    clientEnd(slow).resume();
    expect((await error).code).toBe("socket_too_slow");
    const offsets = recording.heard
      .filter((one) => one.name !== "error")
      .map((one) => one.payload.offset);
    expect(offsets).toEqual(offsets.map((_, index) => index + 1));
  });
});

it("a long-polling client that stops asking is bounded as well", async () => {
  const slow = await harness.connectAs("tenant_a", {
    transports: ["polling"],
    reconnection: false,
  });
  const engine = slow.io.engine as unknown as { readonly transport: { doPoll: () => void } };
  engine.transport.doPoll = (): void => undefined;
  const most = await publishUntilClosed();
  expect(most).toBeLessThan(limit + batch + 2 * text.length);
});

it("one event above the limit reaches a client that reads", async () => {
  const socket = await harness.connectAs("tenant_a");
  const received = once<{ readonly data: { readonly message: unknown } }>(
    socket,
    "whatsapp:message_received",
  );
  harness.tail.publish(message("y".repeat(4 * limit)));
  expect((await received).data.message).toEqual({ conversation: "y".repeat(4 * limit) });
  const next = once(socket, "whatsapp:message_received");
  harness.tail.publish(message("z", { offset: 2 }));
  await next;
  await ask(socket, "unsubscribe:instance", "x");
  expect(harness.fanout.stats().closedTooSlow).toBe(0);
});

describe("closing", () => {
  it("hands over what waits, and stock clients come back by themselves", async () => {
    const socket = await harness.connectAs("tenant_a", { reconnectionDelay: 1 });
    const recording = record(socket);
    const gone = once<string>(socket, "disconnect");
    const trying = new Promise((resolve) => {
      socket.io.once("reconnect_attempt", resolve);
    });
    harness.tail.publish(message("last words", { offset: 9 }));
    await harness.fanout.close();
    expect(await gone).toBe("transport close");
    expect(recording.heard.map((one) => one.payload.offset)).toEqual([9]);
    await trying;
    expect(harness.fanout.stats().connectedClients).toBe(0);
  });

  it("does not wait for a client that does not read, and can be asked twice", async () => {
    const slow = await harness.connectAs("tenant_a", { reconnection: false });
    clientEnd(slow).pause();
    for (let offset = 1; offset < 12; offset += 1) harness.tail.publish(message(text, { offset }));
    await Promise.all([harness.fanout.close(), harness.fanout.close()]);
    expect(harness.fanout.stats().connectedClients).toBe(0);
  });
});
