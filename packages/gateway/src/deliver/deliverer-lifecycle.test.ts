import { answer, inOrder, verifySignature } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Delivery } from "../store/contract/index.ts";
import { createStage, otherScope, scope, type Stage } from "./testing/delivery-stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const hang = () => ({ kind: "hang" }) as const;
const all =
  (count: number, status: Delivery["status"]) =>
  (deliveries: readonly Delivery[]): boolean =>
    deliveries.filter((delivery) => delivery.status === status).length === count;
const events = (count: number) => Array.from({ length: count }, () => ({}));

describe("stopping and starting again", () => {
  test("waits for what is under way, records it, and sends nothing of it twice", async () => {
    const receiver = await stage.receiver(() => answer(200, { delayMs: 30 }));
    await stage.endpoint(receiver.url, { ordering: "none" });
    const first = await stage.start();
    await stage.append(events(40));
    await receiver.waitFor(8);
    await first.stop();
    const before = receiver.received;
    expect(await stage.deliveries({ status: "succeeded" })).toHaveLength(before);
    expect(before).toBeLessThan(40);
    await stage.start();
    await stage.until(all(40, "succeeded"));
    expect(receiver.received).toBe(40);
    expect(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size).toBe(40);
  });

  test("keeps retry times: a new deliverer waits for what is not due and sends what is", async () => {
    const receiver = await stage.receiver(inOrder(answer(500), answer(200)));
    await stage.endpoint(receiver.url);
    const first = await stage.start({ schedule: [3_600_000] });
    await stage.append(events(1));
    const [delivery] = await stage.until(([one]) => one?.totalAttempts === 1);
    await first.stop();
    const second = await stage.start();
    expect(receiver.received).toBe(1);
    await stage.store.deliveries.resend(scope, delivery?.id ?? "", Date.now());
    second.wake(delivery?.endpointId);
    await stage.until(all(1, "succeeded"));
    expect(receiver.received).toBe(2);
  });

  test("events that came while nobody delivered go out afterwards", async () => {
    const receiver = await stage.receiver();
    await stage.endpoint(receiver.url, { ordering: "none" });
    await stage.append(events(600));
    await stage.start();
    await receiver.waitFor(600);
    await stage.until(all(600, "succeeded"));
    expect(receiver.received).toBe(600);
  });

  test("stopping twice and waking afterwards does nothing", async () => {
    const deliverer = await stage.start();
    await deliverer.stop();
    await deliverer.stop();
    deliverer.wake();
    expect(deliverer.stats()).toMatchObject({ inFlight: 0 });
  });
});

describe("an endpoint's settings", () => {
  test("count at the moment of each attempt: address, secret, headers; the body stays", async () => {
    const old = await stage.receiver(() => answer(500));
    const current = await stage.receiver();
    const { endpoint } = await stage.endpoint(old.url);
    const other = await stage.endpoint(current.url, { types: [] });
    const deliverer = await stage.start({ schedule: [3_600_000] });
    const [event] = await stage.append(events(1));
    const [delivery] = await stage.until(([one]) => one?.totalAttempts === 1);
    const { secrets } = other.endpoint;
    const change = { url: current.url, secrets, headers: { "x-new": "1" } };
    await stage.store.directory.updateEndpoint(scope, endpoint.id, change);
    await stage.store.deliveries.resend(scope, delivery?.id ?? "", Date.now());
    deliverer.wake(endpoint.id);
    const [request] = await current.waitFor(1);
    if (!request) throw new Error("nothing arrived");
    expect(verifySignature(request, other.secret)).toMatchObject({ kind: "valid" });
    expect(request.headers["x-new"]).toBe("1");
    expect(request.body.toString()).toBe(event?.json);
    expect(old.received).toBe(1);
  });

  test("several valid secrets sign, expired ones do not", async () => {
    const receiver = await stage.receiver();
    const [one, two, three] = [
      await stage.endpoint(receiver.url, { types: [] }),
      await stage.endpoint(receiver.url, { types: [] }),
      await stage.endpoint(receiver.url, { types: [] }),
    ];
    const sealed = [one, two, three].map(({ endpoint }) => endpoint.secrets[0]?.value ?? "");
    await stage.endpoint(receiver.url, {
      secrets: [
        { value: sealed[0] ?? "" },
        { value: sealed[1] ?? "", expiresAt: Date.now() + 60_000 },
        { value: sealed[2] ?? "", expiresAt: Date.now() - 1 },
      ],
    });
    await stage.start();
    await stage.append(events(1));
    const [request] = await receiver.waitFor(1);
    if (!request) throw new Error("nothing arrived");
    expect(request.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    expect(verifySignature(request, one.secret)).toMatchObject({ kind: "valid" });
    expect(verifySignature(request, two.secret)).toMatchObject({ kind: "valid" });
    expect(verifySignature(request, three.secret)).toMatchObject({ kind: "invalid" });
  });

  test("a disabled endpoint gets nothing and loses nothing", async () => {
    const receiver = await stage.receiver();
    const { endpoint } = await stage.endpoint(receiver.url);
    const witness = await stage.receiver();
    await stage.endpoint(witness.url);
    const deliverer = await stage.start();
    await stage.store.directory.updateEndpoint(scope, endpoint.id, { enabled: false });
    deliverer.wake(endpoint.id);
    await deliverer.stop();
    const second = await stage.start();
    await stage.append(events(3));
    await witness.waitFor(3);
    expect(receiver.received).toBe(0);
    await stage.store.directory.updateEndpoint(scope, endpoint.id, { enabled: true });
    second.wake(endpoint.id);
    await receiver.waitFor(3);
  });

  test("an endpoint made while running begins with what comes after it", async () => {
    const receiver = await stage.receiver();
    const deliverer = await stage.start();
    await stage.append(events(2));
    await stage.endpoint(receiver.url);
    deliverer.wake();
    const [event] = await stage.append(events(1));
    const [request] = await receiver.waitFor(1);
    expect(request?.headers["webhook-id"]).toBe(event?.id);
  });

  test("a deleted endpoint's deliveries are cancelled and others go on", async () => {
    const broken = await stage.receiver(() => answer(500));
    const receiver = await stage.receiver();
    const { endpoint } = await stage.endpoint(broken.url);
    await stage.endpoint(receiver.url);
    const deliverer = await stage.start({ schedule: [3_600_000] });
    await stage.append(events(3));
    await stage.until(all(3, "succeeded"));
    await broken.waitFor(1);
    await stage.store.directory.deleteEndpoint(scope, endpoint.id);
    deliverer.wake(endpoint.id);
    await stage.until(all(3, "cancelled"));
    await stage.append(events(1));
    await receiver.waitFor(4);
    expect(deliverer.stats()).toMatchObject({ endpoints: 1 });
  });
});

describe("one endpoint's trouble stays its own", () => {
  test("while one hangs, another gets everything", async () => {
    const hanging = await stage.receiver(hang);
    const receiver = await stage.receiver();
    await stage.endpoint(hanging.url, { ordering: "none" });
    await stage.endpoint(receiver.url, { ordering: "none" });
    await stage.start({ maxInFlight: 16, timeoutMs: 60_000 });
    await stage.append(events(200));
    await receiver.waitFor(200);
    expect(hanging.received).toBe(8);
  });

  test("no more than a window of one endpoint is planned; the log is the rest of its backlog", async () => {
    const receiver = await stage.receiver(hang);
    const { endpoint } = await stage.endpoint(receiver.url, { ordering: "none" });
    const first = await stage.start({ timeoutMs: 60_000 });
    await stage.append(events(2_500));
    await receiver.waitFor(8);
    const counts = await stage.store.deliveries.counts(scope, endpoint.id);
    expect(counts.pending).toBeLessThanOrEqual(1_000);
    expect(first.stats().queued).toBeLessThanOrEqual(1_000);
    await receiver.close();
    const healthy = await stage.receiver();
    await stage.store.directory.updateEndpoint(scope, endpoint.id, { url: healthy.url });
    first.wake(endpoint.id);
    await healthy.waitFor(2_500);
    const ids = new Set(healthy.requests.map(({ headers }) => headers["webhook-id"]));
    expect(ids.size).toBe(2_500);
  });
});

describe("a test event", () => {
  test("goes out signed at once, and is stored nowhere", async () => {
    const receiver = await stage.receiver(() => answer(202));
    const { endpoint, secret } = await stage.endpoint(receiver.url, { enabled: false });
    const deliverer = await stage.start();
    const attempt = await deliverer.sendTest(scope, endpoint.id);
    expect(attempt).toMatchObject({ outcome: "succeeded", statusCode: 202 });
    const [request] = await receiver.waitFor(1);
    if (!request) throw new Error("nothing arrived");
    expect(verifySignature(request, secret)).toMatchObject({
      kind: "valid",
      payload: { type: "app.emitted", data: { test: true } },
    });
    expect(await stage.store.log.bounds(scope)).toMatchObject({ head: 0 });
    expect(await stage.deliveries()).toEqual([]);
  });

  test("passes the same guard as every delivery", async () => {
    const receiver = await stage.receiver();
    const { endpoint } = await stage.endpoint(receiver.url, { allowPrivate: false });
    const deliverer = await stage.start();
    const attempt = await deliverer.sendTest(scope, endpoint.id);
    expect(attempt).toMatchObject({ outcome: "failed", errorCode: "blocked_address" });
    expect(receiver.received).toBe(0);
  });

  test("of another tenant's endpoint is not found", async () => {
    const { endpoint } = await stage.endpoint("https://hooks.example/");
    const deliverer = await stage.start();
    await expect(deliverer.sendTest(otherScope, endpoint.id)).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
