import fc from "fast-check";
import type { Server as EngineServer } from "node:http";
import { io } from "socket.io-client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { offsets, record, startHarness, type Harness } from "../testing/fanout-harness.ts";
import { liveEvent, message, vendas } from "../testing/live-event.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

it.each([["websocket"], ["polling"]])(
  "a stock client over %s decodes exactly the envelope, for any text",
  async (transport) => {
    const socket = await harness.connectAs("tenant_a", { transports: [transport] });
    let offset = 0;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.json(), async (text, json) => {
        offset += 1;
        const recording = record(socket);
        const data = { event: `e${text}`, payload: JSON.parse(json) as unknown };
        const instance = { ...vendas, name: `n${text}` };
        harness.tail.publish(liveEvent({ type: "app.emitted", data, offset, instance }));
        const [own, canonical] = await recording.until((one) => one.name.endsWith(":app_emitted"));
        socket.offAny();
        expect(own?.name).toBe(`whatsapp:${data.event}`);
        expect(own?.payload.data).toEqual(data.payload);
        expect(own?.payload.instanceName).toBe(instance.name);
        expect(canonical?.payload.data).toEqual(data);
        expect(canonical?.payload.offset).toBe(offset);
      }),
      { numRuns: 40 },
    );
  },
);

it("one batch costs a WebSocket one write, however many events are in it", async () => {
  const serverSockets: { readonly write: (...args: never[]) => boolean }[] = [];
  harness.httpServer.on("connection", (socket) => serverSockets.push(socket));
  const client = await harness.connectAs("tenant_a");
  const [raw] = serverSockets;
  if (!raw) throw new Error("no connection was made");
  let writes = 0;
  const { write } = raw;
  Object.assign(raw, {
    write(...args: never[]) {
      writes += 1;
      return write.apply(raw, args);
    },
  });
  const recording = record(client);
  harness.tail.publish(
    ...Array.from({ length: 50 }, (_, index) => message("x", { offset: index + 1 })),
  );
  expect(writes).toBe(1);
  const heard = await recording.until((one) => one.payload.offset === 50);
  expect(offsets(heard, "whatsapp:message_received")).toHaveLength(50);
});

it("nothing is lost, doubled or swapped while a client moves from long-polling to WebSocket", async () => {
  const count = 2_000;
  const socket = io(harness.url, {
    forceNew: true,
    auth: { token: await harness.token("tenant_a") },
  });
  const upgraded = new Promise<void>((resolve) => {
    socket.io.engine.once("upgrade", () => resolve());
  });
  const recording = record(socket);
  await recording.until((one) => one.name === "authenticated");
  let offset = 0;
  let moved = false;
  void upgraded.then(() => (moved = true));
  // Publishes all the way through the move and some more behind it.
  while (offset < count || !moved) {
    offset += 1;
    harness.tail.publish(message(`n${offset}`, { offset }));
    if (offset % 5 === 0) await new Promise(setImmediate);
  }
  const last = offset;
  const heard = await recording.until((one) => one.payload.offset === last);
  expect(socket.io.engine.transport.name).toBe("websocket");
  expect(offsets(heard, "whatsapp:message_received")).toEqual(
    Array.from({ length: last }, (_, index) => index + 1),
  );
  socket.disconnect();
});

it("no message is compressed, and none is offered to be", async () => {
  const http: EngineServer = harness.httpServer;
  const offered: (string | undefined)[] = [];
  http.on("upgrade", (request) => offered.push(request.headers["sec-websocket-extensions"]));
  const socket = await harness.connectAs("tenant_a");
  const engine = socket.io.engine.transport as unknown as {
    readonly ws: { readonly extensions: unknown };
  };
  expect(offered).toHaveLength(1);
  expect(engine.ws.extensions).toBe("");
});
