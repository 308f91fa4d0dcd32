import { createHmac } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { compressedClock, systemClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import { answer, inOrder, redirect, retryLater, type Script } from "../receiver/answer.ts";
import { startReceiver } from "../receiver/receiver.ts";
import { createWahaSender, type WahaSenderOptions } from "./waha-sender.ts";
import { wahaSignature, type WahaWebhook, wahaWants } from "./waha-webhook.ts";

const source = {
  name: "default",
  metadata: { "tenant.id": "t-001" },
  me: { id: "5511900000101@c.us", pushName: "Loja Teste", lid: "111000000000101@lid" },
};
const payload = { id: "false_5511900000009@c.us_3EB01", body: "Olá, vocês abrem hoje?" };

async function setUp(script: Script = () => answer(200), options: WahaSenderOptions = {}) {
  const target = await startReceiver({ script });
  const sender = createWahaSender({
    random: createRandom(1),
    clock: compressedClock(10_000),
    ...options,
  });
  onTestFinished(() => target.close());
  onTestFinished(() => sender.close());
  const webhook = (extra: Partial<WahaWebhook> = {}): WahaWebhook => ({
    url: target.url,
    events: ["*"],
    ...extra,
  });
  return { target, sender, webhook };
}

test("a webhook has the recorded headers in the recorded order", async () => {
  const { target, sender, webhook } = await setUp();
  const hook = webhook({
    hmac: { key: "recado-fixture-hmac-key" },
    customHeaders: [{ name: "X-Recado-Tenant", value: "t-001" }],
  });
  await sender.emit(source, [hook], ["message"], payload);
  const [request] = await target.waitFor(1);
  expect(Object.keys(request?.headers ?? {})).toEqual([
    "accept",
    "content-type",
    "user-agent",
    "x-recado-tenant",
    "x-webhook-request-id",
    "x-webhook-timestamp",
    "x-webhook-hmac",
    "x-webhook-hmac-algorithm",
    "content-length",
    "accept-encoding",
    "host",
    "connection",
  ]);
  expect(request?.headers).toMatchObject({
    "user-agent": "WAHA/2026.2.1",
    "x-webhook-hmac-algorithm": "sha512",
  });
  expect(request?.headers["x-webhook-request-id"]).toMatch(/^[0-9a-z]{17}$/);
});

test("the envelope has the recorded keys in order, and its id a ULID of its time", async () => {
  const { target, sender, webhook } = await setUp(undefined, {
    clock: { ...systemClock, now: () => 1_795_561_061_682 },
  });
  await sender.emit(source, [webhook()], ["message"], payload);
  const [request] = await target.waitFor(1);
  const body = JSON.parse(String(request?.body)) as Record<string, unknown>;
  expect(Object.keys(body)).toEqual(
    "id,timestamp,event,session,metadata,me,payload,engine,environment".split(","),
  );
  // The recording of the same millisecond is evt_01m87wez9j1b4s2k77e9jvyh0j.
  expect(body["id"]).toMatch(/^evt_01m87wez9j[0-9a-hjkmnp-tv-z]{16}$/);
  expect(request?.headers["x-webhook-timestamp"]).toBe("1795561061682");
  expect(body["environment"]).toEqual({
    version: "2026.2.1",
    engine: "NOWEB",
    tier: "CORE",
    browser: null,
    platform: "linux/x64",
    worker: { id: "waha-1" },
  });
});

test("a session before login says me null, one without metadata has no such key", async () => {
  const { target, sender, webhook } = await setUp();
  await sender.emit({ name: "nova", me: null }, [webhook()], ["session.status"], {
    status: "STARTING",
  });
  const [request] = await target.waitFor(1);
  const body = JSON.parse(String(request?.body)) as Record<string, unknown>;
  expect(body).toMatchObject({ me: null });
  expect(body).not.toHaveProperty("metadata");
});

test("the signature is over the raw bytes; without a key there is none", async () => {
  // The documentation's own example.
  const example = wahaSignature(
    "my-secret-key",
    Buffer.from('{"event":"message","session":"default","engine":"WEBJS"}'),
  );
  expect(example).toMatch(/^208f8a55[0-9a-f]{113}153fa89$/);
  const { target, sender, webhook } = await setUp();
  await sender.emit(
    source,
    [webhook({ hmac: { key: "chave" } }), webhook({ hmac: { key: "" } }), webhook()],
    ["message"],
    payload,
  );
  const requests = await target.waitFor(3);
  const signed = requests.filter(({ headers }) => "x-webhook-hmac" in headers);
  expect(signed).toHaveLength(1);
  const expected = createHmac("sha512", "chave")
    .update(signed[0]?.body ?? "")
    .digest("hex");
  expect(signed[0]?.headers["x-webhook-hmac"]).toBe(expected);
});

test("both names of a message carry one id and one time", async () => {
  const { target, sender, webhook } = await setUp();
  await sender.emit(source, [webhook()], ["message.any", "message"], payload);
  const bodies = (await target.waitFor(2)).map(
    ({ body }) => JSON.parse(String(body)) as Record<string, unknown>,
  );
  expect(new Set(bodies.map(({ event }) => event))).toEqual(new Set(["message", "message.any"]));
  expect(new Set(bodies.map(({ id }) => id)).size).toBe(1);
  expect(new Set(bodies.map(({ timestamp }) => timestamp)).size).toBe(1);
});

test("a repetition is byte for byte the first request", async () => {
  const { target, sender, webhook } = await setUp(
    inOrder(answer(404), answer(304), { kind: "reset" }, answer(200)),
  );
  const [report] = await sender.emit(
    source,
    [webhook({ hmac: { key: "chave" } })],
    ["message"],
    payload,
  );
  expect(report?.result).toBe("delivered");
  const requests = await target.waitFor(4);
  for (const request of requests) {
    expect(request.body).toEqual(requests[0]?.body);
    expect(request.headers).toEqual(requests[0]?.headers);
  }
});

test("the request id tells webhooks and events apart", async () => {
  const { target, sender, webhook } = await setUp();
  await sender.emit(source, [webhook(), webhook()], ["message", "message.any"], payload);
  const requests = await target.waitFor(4);
  expect(new Set(requests.map(({ headers }) => headers["x-webhook-request-id"])).size).toBe(4);
});

test("sixteen requests are made by default, then the event is lost", async () => {
  const { target, sender, webhook } = await setUp(() => answer(500));
  const [report] = await sender.emit(source, [webhook()], ["message"], payload);
  expect(report?.result).toBe("lost");
  expect(target.received).toBe(16);
});

test("a longer Retry-After stretches the wait", async () => {
  const { sender, webhook } = await setUp(inOrder(retryLater(503, 7), answer(200)));
  const [report] = await sender.emit(
    source,
    [webhook({ retries: { delaySeconds: 1 } })],
    ["message"],
    payload,
  );
  expect(report?.attempts[0]?.next).toEqual({ kind: "retry", waitMs: 7_000 });
});

test("a 301 counts as delivered although its body is gone", async () => {
  const { target, sender, webhook } = await setUp(
    inOrder(redirect(301, "/elsewhere"), answer(200)),
  );
  const [report] = await sender.emit(
    source,
    [webhook({ hmac: { key: "chave" } })],
    ["message"],
    payload,
  );
  expect(report?.result).toBe("delivered");
  const [first, second] = await target.waitFor(2);
  expect(second).toMatchObject({ method: "GET", url: "/elsewhere" });
  expect(second?.body).toHaveLength(0);
  expect(second?.headers["x-webhook-hmac"]).toBe(first?.headers["x-webhook-hmac"]);
});

test("a silent receiver is waited for without end", async () => {
  const { target, sender, webhook } = await setUp(() => ({ kind: "hang" }));
  const waiting = sender.emit(source, [webhook()], ["message"], payload);
  await target.waitFor(1);
  await sender.close();
  expect(await waiting).toMatchObject([{ result: "stopped", attempts: [] }]);
});

test("a star leaves out the two events that must be named", () => {
  const wants = (events: string[], event: string) => wahaWants({ url: "http://r", events }, event);
  expect(wants(["*"], "message.ack")).toBe(true);
  expect(wants(["*"], "engine.event")).toBe(false);
  expect(wants(["*", "engine.event"], "engine.event")).toBe(true);
  expect(wants(["message"], "message.any")).toBe(false);
});

test("a webhook of the environment is sent in addition, also to the same address", async () => {
  const target = await startReceiver();
  const sender = createWahaSender({ globalWebhooks: [{ url: target.url, events: ["message"] }] });
  onTestFinished(() => target.close());
  onTestFinished(() => sender.close());
  const reports = await sender.emit(
    source,
    [{ url: target.url, events: ["*"] }],
    ["message"],
    payload,
  );
  expect(reports).toHaveLength(2);
  expect(target.received).toBe(2);
});
