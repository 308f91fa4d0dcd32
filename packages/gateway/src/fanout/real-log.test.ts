import { evolution, type JsonObject } from "@recado/providers";
import type { MessageEvent, WebSocketEventPayload } from "@recado/protocol";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../base/clock.ts";
import { systemIds } from "../base/ids.ts";
import { createEventLogWriter, type EventLogWriter } from "../log/index.ts";
import { offsets, once, record, startHarness, type Harness } from "./testing/fanout-harness.ts";
import { vendas } from "./testing/live-event.ts";

let harness: Harness;
let writer: EventLogWriter;
beforeAll(async () => {
  harness = await startHarness();
  writer = createEventLogWriter({ log: harness.store.log, clock: systemClock, ids: systemIds });
  // The harness's own tail passes on what the log says.
  writer.subscribe((events) => harness.tail.publish(...events));
});
afterAll(async () => {
  writer.close();
  await harness.close();
});

/** A webhook of Evolution API, on its way as ingest sends it. */
async function append(tenantId: string, id: string, text: string): Promise<void> {
  const parsed: JsonObject = {
    event: "messages.upsert",
    instance: vendas.name,
    data: {
      key: { remoteJid: "5511900000001@s.whatsapp.net", fromMe: false, id },
      pushName: "Maria Teste",
      message: { conversation: text },
      messageType: "conversation",
      messageTimestamp: 1_790_000_000,
    },
  };
  const body = JSON.stringify(parsed);
  const bodyHash = createHash("sha256").update(body).digest("hex");
  const receivedAt = systemClock.now();
  const drafts = evolution.normalise(parsed, { receivedAt, bodyHash });
  const rest = { bodyHash, source: "messages.upsert", receivedAt, drafts, parsed };
  await writer.appendWebhook(
    { tenantId },
    { provider: evolution, instance: vendas, body: { text: body, meta: { headers: {} } }, ...rest },
  );
}

it("each client hears what its tenant's log holds, once and in the log's order", async () => {
  const a = record(await harness.connectAs("tenant_a"));
  const b = record(await harness.connectAs("tenant_b", { transports: ["polling"] }));
  const count = 200;
  const numbers = Array.from({ length: count }, (_, index) => index);
  await Promise.all(
    numbers.flatMap((number) => [
      append("tenant_a", `3EB0A${number}`, "olá \u0000 \uD83D 😀"),
      append("tenant_b", `3EB0B${number}`, "oi"),
    ]),
  );
  for (const [recording, tenantId] of [
    [a, "tenant_a"],
    [b, "tenant_b"],
  ] as const) {
    const heard = await recording.until((one) => one.payload.offset === count);
    const name = "whatsapp:message_received";
    expect(offsets(heard, name)).toEqual(numbers.map((number) => number + 1));
    const stored = await harness.store.log.readAfter({ tenantId }, 0, 1_000);
    expect(heard.filter((one) => one.name === name).map((one) => one.payload.id)).toEqual(
      stored.map((event) => event.id),
    );
  }
});

it("the documented data is the provider's own message, and the envelope is the log's", async () => {
  const socket = await harness.connectAs("tenant_a");
  const received = once<WebSocketEventPayload<MessageEvent>>(socket, "whatsapp:message_received");
  await append("tenant_a", "3EB0LAST", "half an emoji \uD83D");
  const payload = await received;
  expect(payload.data.key).toMatchObject({ id: "3EB0LAST", fromMe: false });
  expect(payload.data.message).toEqual({ conversation: "half an emoji \uD83D" });
  const [stored] = await harness.store.log.readAfter(
    { tenantId: "tenant_a" },
    payload.offset - 1,
    1,
  );
  expect(JSON.parse(stored?.json ?? "")).toMatchObject({
    id: payload.id,
    type: payload.type,
    offset: payload.offset,
    occurredAt: payload.timestamp,
  });
});
