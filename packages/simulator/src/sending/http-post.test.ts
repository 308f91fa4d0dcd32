import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { compressedClock, systemClock } from "../clock.ts";
import { answer, byPath, redirect } from "../receiver/answer.ts";
import { type Receiver, startReceiver } from "../receiver/receiver.ts";
import { createHttpClient } from "./http-post.ts";

async function pair(script?: Parameters<Receiver["follow"]>[0], factor = 1) {
  const target = await startReceiver(script ? { script } : {});
  const client = createHttpClient(compressedClock(factor, systemClock));
  onTestFinished(() => target.close());
  onTestFinished(() => client.close());
  return { target, client };
}

const never = new AbortController().signal;
const json = [["Content-Type", "application/json"]] as const;

test("headers leave in the recorded order", async () => {
  const recorded = JSON.parse(
    readFileSync(
      new URL("../evolution/recorded/webhook-messages-upsert.json", import.meta.url),
      "utf8",
    ),
  ) as { rawHeaders: string[]; bodyRaw: string };
  const { target, client } = await pair();
  const given = recorded.rawHeaders.flatMap((name, index) => {
    const value = recorded.rawHeaders[index + 1] ?? "";
    return index % 2 === 0 && !/^(content-length|accept-encoding|host|connection)$/i.test(name)
      ? [[name, value] as const]
      : [];
  });
  await client.post(
    { url: target.url, headers: given, body: Buffer.from(recorded.bodyRaw) },
    never,
  );
  const [request] = await target.waitFor(1);
  const expected = recorded.rawHeaders.map((text) =>
    text.startsWith("127.0.0.1:") ? new URL(target.url).host : text,
  );
  expect(request?.rawHeaders).toEqual(expected);
});

test("a 302 is followed by a GET without a body, and its 200 counts", async () => {
  const { target, client } = await pair(
    byPath({ "/a": () => redirect(302, "/b"), "/b": () => answer(200) }),
  );
  const outcome = await client.post(
    { url: `${target.url}/a`, headers: json, body: Buffer.from("{}") },
    never,
  );
  expect(outcome).toEqual({ kind: "answered", status: 200, method: "GET", redirects: 1 });
});

test("a proof stays with its host across redirects", async () => {
  const { target: other } = await pair();
  const { target, client } = await pair(
    byPath({
      "/here": () => redirect(307, "/there"),
      "/there": () => redirect(307, `${other.url}/x`),
    }),
  );
  const headers = [...json, ["Authorization", "Bearer t"], ["X-Webhook-Hmac", "abc"]] as const;
  await client.post({ url: `${target.url}/here`, headers, body: Buffer.from("{}") }, never);
  const [, near] = await target.waitFor(2);
  const [far] = await other.waitFor(1);
  expect(near?.headers["authorization"]).toBe("Bearer t");
  expect(far?.headers).not.toHaveProperty("authorization");
  expect(far?.headers["x-webhook-hmac"]).toBe("abc");
});

test("a circle of redirects ends", async () => {
  const { target, client } = await pair(() => redirect(307, "/again"));
  const outcome = await client.post(
    { url: target.url, headers: json, body: Buffer.from("{}") },
    never,
  );
  expect(outcome).toMatchObject({ kind: "failed", reason: "too_many_redirects" });
  expect(target.received).toBe(22);
});

test("a redirect to nowhere is a failure", async () => {
  const { target, client } = await pair(
    byPath({ "/a": () => redirect(302, "http://"), "/b": () => redirect(302, "ftp://x/") }),
  );
  for (const path of ["/a", "/b"]) {
    const outcome = await client.post(
      { url: target.url + path, headers: json, body: Buffer.from("{}") },
      never,
    );
    expect(outcome).toMatchObject({ kind: "failed", reason: "bad_location" });
  }
});

test("an answer cut in the middle is a failure", async () => {
  const { target, client } = await pair(() => ({ kind: "cut", status: 200 }));
  const outcome = await client.post(
    { url: target.url, headers: json, body: Buffer.from("{}") },
    never,
  );
  expect(outcome).toMatchObject({ kind: "failed", reason: "network" });
});

test("silence ends at the time-out, and only when there is one", async () => {
  const { target, client } = await pair(() => ({ kind: "hang" }), 1_000);
  const post = { url: target.url, headers: json, body: Buffer.from("{}") };
  expect(await client.post({ ...post, timeoutMs: 30_000 }, never)).toMatchObject({
    reason: "timeout",
  });
  const stop = new AbortController();
  const endless = client.post(post, stop.signal);
  await target.waitFor(2);
  stop.abort();
  expect(await endless).toMatchObject({ kind: "failed", reason: "stopped" });
});

test("nobody listening is a failure with the system's code", async () => {
  const { target, client } = await pair();
  await target.close();
  const outcome = await client.post(
    { url: target.url, headers: json, body: Buffer.from("{}") },
    never,
  );
  expect(outcome).toMatchObject({ kind: "failed", reason: "network", detail: "ECONNREFUSED" });
});
