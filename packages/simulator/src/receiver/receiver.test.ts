import { Webhook } from "standardwebhooks";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import { createHttpClient } from "../sending/http-post.ts";
import { answer, byPath, inOrder, nowAndThen, redirect, retryLater } from "./answer.ts";
import { type Receiver, type ReceiverOptions, startReceiver, verifySignature } from "./receiver.ts";

async function receiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const started = await startReceiver(options);
  onTestFinished(() => started.close());
  return started;
}

async function post(
  url: string,
  body = "{}",
  headers: readonly (readonly [string, string])[] = [],
) {
  const client = createHttpClient(systemClock);
  onTestFinished(() => client.close());
  return client.post({ url, headers, body: Buffer.from(body) }, new AbortController().signal);
}

test("raw bytes, headers and time are kept", async () => {
  const target = await receiver({ clock: { ...systemClock, now: () => 1_795_512_187_000 } });
  const body = '{"a": 1.0,  "ação":"\u{1f44b}"}';
  await post(`${target.url}/in?k=1`, body, [["X-Tenant", "acme"]]);
  const [request] = await target.waitFor(1);
  expect(request).toMatchObject({
    index: 0,
    method: "POST",
    url: "/in?k=1",
    receivedAt: 1_795_512_187_000,
  });
  expect(request?.body).toEqual(Buffer.from(body));
  expect(request?.headers["x-tenant"]).toBe("acme");
  expect(request?.rawHeaders).toContain("X-Tenant");
});

test("each scripted answer arrives as what it is", async () => {
  const target = await receiver({
    script: inOrder(
      answer(201, { body: "made", delayMs: 5 }),
      retryLater(503, 7),
      answer(200, { bodyBytes: 300_000 }),
      answer(204),
      { kind: "reset" },
      { kind: "garbage" },
      { kind: "cut", status: 200 },
      answer(410),
    ),
  });
  const outcomes = [];
  for (let index = 0; index < 9; index += 1) outcomes.push(await post(target.url));
  expect(outcomes.slice(0, 4)).toMatchObject([
    { status: 201 },
    { status: 503, retryAfter: "7" },
    { status: 200 },
    { status: 204 },
  ]);
  const broken = { kind: "failed", reason: "network" };
  expect(outcomes.slice(4, 7)).toMatchObject([broken, broken, broken]);
  expect(outcomes.slice(7)).toMatchObject([{ status: 410 }, { status: 410 }]);
});

test("a path has its own script and its own count", async () => {
  const target = await receiver({
    script: byPath({ "/a": inOrder(answer(500), answer(200)), "/a/deep": () => answer(202) }),
  });
  const statusOf = async (path: string) => post(target.url + path);
  expect(await statusOf("/a/deep/er")).toMatchObject({ status: 202 });
  expect(await statusOf("/a")).toMatchObject({ status: 500 });
  expect(await statusOf("/a/x")).toMatchObject({ status: 200 });
  expect(await statusOf("/other")).toMatchObject({ status: 404 });
});

test("failing now and then repeats by its seed, at about its rate", () => {
  const run = (seed: number) => {
    const script = nowAndThen({
      random: createRandom(seed),
      failureRate: 0.2,
      outageRate: 0.01,
      outageLength: 5,
    });
    return Array.from({ length: 1_000 }, (_, index) => script({ index, method: "POST", url: "/" }));
  };
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
  const failed = run(1).filter((given) => given.kind !== "answer" || given.status !== 200).length;
  expect(failed).toBeGreaterThan(150);
  expect(failed).toBeLessThan(400);
});

test("a request that hangs is seen, and closing ends it", async () => {
  const target = await receiver({ script: () => ({ kind: "hang" }) });
  const waiting = post(target.url);
  await target.waitFor(1);
  await target.close();
  expect(await waiting).toMatchObject({ kind: "failed", reason: "network" });
});

test("closing ends a wait with the count that was reached", async () => {
  const target = await receiver();
  await post(target.url);
  const ended = target.waitFor(3).catch((error: Error) => error.message);
  await target.close();
  expect(await ended).toContain("1 of 3");
});

test("old requests are forgotten beyond the bound and still counted", async () => {
  const target = await receiver({ keep: 2 });
  for (const path of ["/0", "/1", "/2"]) await post(target.url + path);
  expect(target.requests.map(({ url }) => url)).toEqual(["/1", "/2"]);
  expect(target.received).toBe(3);
});

test("a signature is valid for its secret and its bytes only", async () => {
  const secret = `whsec_${Buffer.from("recado-simulator-test-24").toString("base64")}`;
  const target = await receiver();
  const body = '{"type":"message.received"}';
  const now = new Date();
  const signature = new Webhook(secret).sign("evt_1", now, body);
  await post(target.url, body, [
    ["webhook-id", "evt_1"],
    ["webhook-timestamp", String(Math.floor(now.getTime() / 1_000))],
    ["webhook-signature", signature],
  ]);
  const [request] = await target.waitFor(1);
  if (!request) throw new Error("nothing arrived");
  expect(verifySignature(request, secret)).toEqual({
    kind: "valid",
    payload: { type: "message.received" },
  });
  const other = `whsec_${Buffer.from("another-secret-of-24-byt").toString("base64")}`;
  expect(verifySignature(request, other).kind).toBe("invalid");
  expect(verifySignature({ ...request, body: Buffer.from(`${body} `) }, secret).kind).toBe(
    "invalid",
  );
});

test("a 307 repeats the POST and a 301 loses its body", async () => {
  const target = await receiver({
    script: byPath({
      "/repeat": () => redirect(307, "/here"),
      "/lose": () => redirect(301, "/here"),
      "/here": () => answer(200),
    }),
  });
  const content = [["Content-Type", "application/json"]] as const;
  expect(await post(`${target.url}/repeat`, '{"a":1}', content)).toMatchObject({
    status: 200,
    method: "POST",
  });
  expect(await post(`${target.url}/lose`, '{"a":1}', content)).toMatchObject({
    status: 200,
    method: "GET",
  });
  const [repeated, lost] = await target.waitFor(2, ({ url }) => url === "/here");
  expect(repeated).toMatchObject({
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  expect(repeated?.body.toString()).toBe('{"a":1}');
  expect(lost?.method).toBe("GET");
  expect(lost?.body).toHaveLength(0);
  expect(lost?.headers).not.toHaveProperty("content-type");
  expect(lost?.headers).not.toHaveProperty("content-length");
});
