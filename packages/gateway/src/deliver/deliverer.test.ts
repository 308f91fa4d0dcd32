import { answer, inOrder, redirect, retryLater, verifySignature } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Delivery } from "../store/contract/index.ts";
import { createStage, otherScope, scope, type Stage } from "./testing/delivery-stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const all =
  (count: number, status: Delivery["status"]) =>
  (deliveries: readonly Delivery[]): boolean =>
    deliveries.filter((delivery) => delivery.status === status).length === count;

describe("what arrives", () => {
  test("is the stored event, byte for byte, with a signature that the reference library accepts", async () => {
    const receiver = await stage.receiver();
    const { secret } = await stage.endpoint(`${receiver.url}/in?k=1`, {
      headers: { "X-Key": "a" },
    });
    await stage.start();
    const text = `olá 👋🏽 ${"x".repeat(1_048_576)}`;
    const events = await stage.append([{}, { data: { event: "big", payload: { text } } }]);
    const requests = await receiver.waitFor(2);
    for (const event of events) {
      const request = requests.find(({ headers }) => headers["webhook-id"] === event.id);
      if (!request) throw new Error("an event is missing");
      expect(request.body.toString()).toBe(event.json);
      expect(verifySignature(request, secret)).toMatchObject({ kind: "valid" });
      expect(request).toMatchObject({ method: "POST", url: "/in?k=1" });
      expect(request.rawHeaders[0]?.toLowerCase()).toBe("host");
      expect(request.rawHeaders).toContain("X-Key");
      expect(request.headers).toMatchObject({
        "content-type": "application/json",
        "content-length": String(request.body.length),
        "user-agent": "Recado/0.0.0",
      });
      expect(request.headers["webhook-timestamp"]).toMatch(/^\d{10}$/);
      expect(request.headers).not.toHaveProperty("transfer-encoding");
    }
  });

  test("verifies with its own endpoint's secret only", async () => {
    const receiver = await stage.receiver();
    const first = await stage.endpoint(`${receiver.url}/1`);
    const second = await stage.endpoint(`${receiver.url}/2`);
    await stage.start();
    await stage.append([{}]);
    const requests = await receiver.waitFor(2);
    const toFirst = requests.find(({ url }) => url === "/1");
    if (!toFirst) throw new Error("the first endpoint got nothing");
    expect(verifySignature(toFirst, first.secret)).toMatchObject({ kind: "valid" });
    expect(verifySignature(toFirst, second.secret)).toMatchObject({ kind: "invalid" });
  });

  test("of other tenants never, and of other types and instances neither", async () => {
    const receiver = await stage.receiver();
    await stage.endpoint(`${receiver.url}/a`, { types: ["message.sent"], instances: ["in_1"] });
    await stage.endpoint(`${receiver.url}/b`, {}, otherScope);
    await stage.start();
    await stage.append([
      { type: "message.received", instanceId: "in_1" },
      { type: "message.sent", instanceId: "in_2" },
      { type: "message.sent", instanceId: "in_1" },
    ]);
    await stage.append([{}], otherScope);
    const requests = await receiver.waitFor(2);
    expect(requests.map(({ url }) => url).toSorted()).toEqual(["/a", "/b"]);
    expect(await stage.deliveries()).toHaveLength(1);
  });

  test("in the provider's format is its body, once, under its by-events path", async () => {
    const receiver = await stage.receiver();
    const { secret } = await stage.endpoint(`${receiver.url}/hook?k=1`, { format: "provider" });
    await stage.start();
    await stage.append([{}]);
    await stage.appendBody('{"event":"messages.upsert","n":1e21}', 3, "messages-upsert");
    await stage.appendBody('{"event":"call"}', 1);
    const requests = await receiver.waitFor(2);
    const [first, second] = requests.toSorted((a, b) => b.body.length - a.body.length);
    expect(first?.body.toString()).toBe('{"event":"messages.upsert","n":1e21}');
    expect(first).toMatchObject({ url: "/hook/messages-upsert?k=1" });
    expect(first?.headers["x-provider"]).toBe("yes");
    expect(second).toMatchObject({ url: "/hook?k=1" });
    if (first) expect(verifySignature(first, secret)).toMatchObject({ kind: "valid" });
    expect(await stage.until(all(2, "succeeded"))).toHaveLength(2);
  });
});

describe("an attempt", () => {
  test.each([200, 201, 202, 204, 299])("answered %i is the only one", async (status) => {
    const receiver = await stage.receiver(() => answer(status));
    await stage.endpoint(receiver.url);
    await stage.start();
    await stage.append([{}]);
    const [delivery] = await stage.until(all(1, "succeeded"));
    expect(delivery).toMatchObject({ totalAttempts: 1, lastStatusCode: status });
    expect(receiver.received).toBe(1);
  });

  test.each([301, 302, 303, 307, 308] as const)("answered %i is a failure", async (status) => {
    const elsewhere = await stage.receiver();
    const receiver = await stage.receiver(() => redirect(status, elsewhere.url));
    await stage.endpoint(receiver.url);
    await stage.start({ schedule: [] });
    await stage.append([{}]);
    const [delivery] = await stage.until(all(1, "failed"));
    expect(delivery).toMatchObject({ totalAttempts: 1, lastStatusCode: status });
    expect([receiver.received, elsewhere.received]).toEqual([1, 0]);
  });

  test("that fails is made again with the same id and body, and every one is recorded", async () => {
    const failures = [answer(500, { body: "oops" }), { kind: "reset" }, answer(404)] as const;
    const receiver = await stage.receiver(inOrder(...failures, answer(200)));
    await stage.endpoint(receiver.url);
    await stage.start();
    const [event] = await stage.append([{}]);
    const requests = await receiver.waitFor(4);
    expect(new Set(requests.map(({ headers }) => headers["webhook-id"]))).toEqual(
      new Set([event?.id]),
    );
    expect(new Set(requests.map(({ body }) => body.toString())).size).toBe(1);
    const [delivery] = await stage.until(all(1, "succeeded"));
    const attempts = await stage.store.deliveries.attempts(scope, delivery?.id ?? "");
    expect(attempts).toMatchObject([
      {
        number: 1,
        outcome: "failed",
        statusCode: 500,
        errorCode: "status",
        responseBody: "oops",
        remoteAddress: "127.0.0.1",
        durationMs: expect.any(Number),
        timings: { connectMs: expect.any(Number), firstByteMs: expect.any(Number) },
      },
      { number: 2, outcome: "failed", errorCode: "connection_reset" },
      { number: 3, outcome: "failed", statusCode: 404 },
      { number: 4, outcome: "succeeded", statusCode: 200 },
    ]);
  });

  test("towards a private address is refused without a connection, unless it was opened", async () => {
    const receiver = await stage.receiver();
    await stage.endpoint(receiver.url, { allowPrivate: false });
    await stage.start({ schedule: [] });
    await stage.append([{}]);
    const [delivery] = await stage.until(all(1, "failed"));
    const [attempt] = await stage.store.deliveries.attempts(scope, delivery?.id ?? "");
    expect(attempt).toMatchObject({ errorCode: "blocked_address", outcome: "failed" });
    expect(receiver.received).toBe(0);
  });

  test("waits as long as the receiver asks", async () => {
    const receiver = await stage.receiver(() => retryLater(429, 3_600));
    await stage.endpoint(receiver.url);
    await stage.start();
    await stage.append([{}]);
    const [delivery] = await stage.until(([first]) => first?.totalAttempts === 1);
    const [attempt] = await stage.store.deliveries.attempts(scope, delivery?.id ?? "");
    expect(delivery?.dueAt).toBeGreaterThanOrEqual((attempt?.startedAt ?? 0) + 3_600_000);
  });

  test("with a secret that cannot be opened fails in words", async () => {
    const receiver = await stage.receiver();
    await stage.endpoint(receiver.url, { secrets: [{ value: "v1.not.a.secret" }] });
    await stage.start({ schedule: [] });
    await stage.append([{}]);
    const [delivery] = await stage.until(all(1, "failed"));
    expect(delivery?.lastError).toContain("secret");
    expect(receiver.received).toBe(0);
  });
});

describe("order", () => {
  test("of each chat is kept while deliveries fail, and other chats flow meanwhile", async () => {
    let stuck = true;
    const seen: Record<string, number[]> = {};
    const receiver = await stage.receiver(({ index }) => {
      if (stuck && index % 3 === 0) return answer(503);
      return answer(200);
    });
    await stage.endpoint(receiver.url);
    await stage.start({ schedule: Array.from({ length: 50 }, () => 5) });
    const chats = ["a", "b", "c", "d"];
    await stage.append(
      Array.from({ length: 80 }, (_, n) => ({
        type: "message.received",
        instanceId: "in_1",
        chatId: chats[n % chats.length] ?? "",
        data: { n, chat: chats[n % chats.length] },
      })),
    );
    await receiver.waitFor(100);
    stuck = false;
    await stage.until(all(80, "succeeded"));
    for (const request of receiver.requests) {
      if (request.answer.kind !== "answer" || request.answer.status !== 200) continue;
      const { data } = JSON.parse(request.body.toString()) as { data: { n: number; chat: string } };
      (seen[data.chat] ??= []).push(data.n);
    }
    for (const chat of chats) {
      expect(seen[chat]).toHaveLength(20);
      expect(seen[chat]).toEqual(seen[chat]?.toSorted((a, b) => a - b));
    }
  });

  test("a chat that waits for its next attempt holds itself and nobody else", async () => {
    const receiver = await stage.receiver();
    await stage.endpoint(receiver.url);
    receiver.follow(inOrder(answer(500), answer(200)));
    await stage.start({ schedule: [3_600_000] });
    const inChat = (chatId: string) => ({ type: "message.received", instanceId: "in_1", chatId });
    await stage.append([inChat("a")]);
    await receiver.waitFor(1);
    await stage.append([inChat("a"), inChat("b"), inChat("a"), inChat("b")]);
    const deliveries = await stage.until(all(2, "succeeded"));
    expect(deliveries.filter(({ status }) => status === "pending")).toHaveLength(3);
    expect(receiver.received).toBe(3);
  });
});

describe("giving up", () => {
  test("is told once to other endpoints, never to the one it is about", async () => {
    const broken = await stage.receiver(() => answer(500));
    const watcher = await stage.receiver();
    const { endpoint } = await stage.endpoint(broken.url, { types: ["app.emitted"] });
    await stage.endpoint(watcher.url, { types: ["delivery.exhausted"] });
    await stage.endpoint(`${broken.url}/all`, { types: ["delivery.exhausted"] });
    await stage.start();
    const [event] = await stage.append([{}]);
    const [news] = await watcher.waitFor(1);
    expect(JSON.parse(news?.body.toString() ?? "")).toMatchObject({
      type: "delivery.exhausted",
      data: { endpointId: endpoint.id, eventId: event?.id, attempts: 4, reason: "status" },
    });
    // The third endpoint fails to hear of it, and nobody is told about that.
    await stage.until(
      (deliveries) => all(2, "failed")(deliveries) && all(1, "succeeded")(deliveries),
    );
    expect(watcher.received).toBe(1);
    const { head } = await stage.store.log.bounds(scope);
    expect(head).toBe(2);
  });

  test("410 disables the endpoint, says so, and keeps what waits", async () => {
    const receiver = await stage.receiver(() => answer(410));
    const watcher = await stage.receiver();
    const { endpoint } = await stage.endpoint(receiver.url, { types: ["message.sent"] });
    await stage.endpoint(watcher.url, { types: ["endpoint.disabled"] });
    const deliverer = await stage.start();
    const sent = { type: "message.sent", instanceId: "in_1", chatId: "a" };
    await stage.append([sent, sent]);
    const [news] = await watcher.waitFor(1);
    expect(JSON.parse(news?.body.toString() ?? "")).toMatchObject({
      data: { endpointId: endpoint.id, reason: "gone" },
    });
    expect(await stage.store.directory.endpoint(scope, endpoint.id)).toMatchObject({
      enabled: false,
    });
    expect(receiver.received).toBe(1);
    receiver.follow(() => answer(200));
    await stage.store.directory.updateEndpoint(scope, endpoint.id, { enabled: true });
    deliverer.wake(endpoint.id);
    await stage.until(all(3, "succeeded"));
    expect(receiver.received).toBe(3);
  });
});
