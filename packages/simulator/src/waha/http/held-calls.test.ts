import { expect, test } from "vitest";
import { compressedClock } from "../../clock.ts";
import { me, setUpWaha, withStore } from "../testing/set-up-waha.ts";

/** Calls are held as the real ones are, in a thousandth of the time. */
const held = { clock: compressedClock(1_000), pauses: true } as const;

test("a code that is asked for too early comes as soon as there is one", async () => {
  const { fake, call } = await setUpWaha(() => ({
    ...held,
    connectAfterMs: "never",
    sessions: [{ name: "nova", status: "STARTING" }],
  }));
  const asked = call("GET", "/api/nova/auth/qr?format=raw");
  while (fake.calls.count() === 0) await new Promise(setImmediate);
  fake.phone.open("nova");
  const { status, body } = await asked;
  expect([status, body]).toEqual([200, { value: fake.phone.code("nova") }]);
});

test("two changes of one session come one after the other, and the last one stays", async () => {
  const { fake, call, received } = await setUpWaha((webhook) => ({
    ...held,
    sessions: [{ name: "loja", me, config: { webhooks: [webhook] } }],
  }));
  const put = (order: string) =>
    call("PUT", "/api/sessions/loja", {
      config: {
        metadata: { order },
        webhooks: fake.webhooksOf("loja"),
      },
    });
  const answers = await Promise.all([put("first"), put("second")]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const orders = answers.map(({ body }) => (body as { config: { metadata: unknown } }).config);
  expect(orders.map(({ metadata }) => metadata)).toEqual(
    expect.arrayContaining([{ order: "first" }, { order: "second" }]),
  );
  await received(4);
  const after = await call("GET", "/api/sessions/loja");
  expect(["STARTING", "WORKING"]).toContain((after.body as { status: string }).status);
});

test("a call that the end of the process cut changes nothing afterwards", async () => {
  const { fake, call } = await setUpWaha(() => ({ ...held, clock: compressedClock(10) }));
  const cut = call("PUT", "/api/sessions/loja", { config: { metadata: { cut: "yes" } } });
  while (fake.states()["loja"] === "WORKING") await new Promise(setImmediate);
  await fake.trouble.stop();
  await expect(cut).rejects.toThrow();
  await fake.trouble.start();
  const { body } = await call("POST", "/api/sessions/loja/start");
  expect(body).toMatchObject({ status: "STARTING", config: withStore });
});

test.each([
  ["config", 5, "nested property config must be either object or array"],
  ["config", { webhooks: {} }, "config.webhooks must be an array"],
  [
    "config",
    { webhooks: ["http://x.example"] },
    "config.each value in nested property webhooks must be either object or array",
  ],
  [
    "config",
    { webhooks: [{ url: "http://x.example/a", events: ["*"], hmac: "key" }] },
    "config.webhooks.0.nested property hmac must be either object or array",
  ],
  [
    "config",
    { webhooks: [{ url: "http://x.example/a", events: ["*"], hmac: { key: 5 } }] },
    "config.webhooks.0.hmac.key must be a string",
  ],
  [
    "config",
    { webhooks: [{ url: "http://x.example/a", events: ["*"], retries: 3 }] },
    "config.webhooks.0.nested property retries must be either object or array",
  ],
  [
    "config",
    { webhooks: [{ url: "http://x.example/a", events: ["*"], customHeaders: { a: "b" } }] },
    "config.webhooks.0.customHeaders must be an array",
  ],
  [
    "config",
    { webhooks: [{ url: "http://x.example/a", events: ["*"], customHeaders: [{ name: "a" }] }] },
    "config.webhooks.0.customHeaders.0.value must be a string",
  ],
  [
    "config",
    { webhooks: [{ url: "ftp://x.example/a", events: ["*"], retries: 3 }] },
    "config.webhooks.0.url must be a URL address",
  ],
])("a configuration of the wrong form is refused in words: %s %j", async (member, value, words) => {
  const { call } = await setUpWaha();
  const { status, body } = await call("PUT", "/api/sessions/loja", { [member]: value });
  expect(status).toBe(400);
  expect((body as { message: string[] }).message).toContain(words);
});

test.each(["STOPPED", "STARTING", "SCAN_QR_CODE", "FAILED"])(
  "what needs a connection says so while %s",
  async (status) => {
    const { call } = await setUpWaha(() => ({ sessions: [{ name: "loja", status }] }));
    for (const path of ["chats", "chats/all/messages", "lids", "labels", "groups"]) {
      expect(await call("GET", `/api/loja/${path}`)).toEqual({
        status: 422,
        body: {
          error: "Session status is not as expected. Try again later or restart the session",
          session: "loja",
          status,
          expected: ["WORKING"],
        },
      });
    }
  },
);

test("NOWEB lists nothing unless its store is on, GOWS always", async () => {
  const sessions = [{ name: "loja", me }];
  const noweb = await setUpWaha(() => ({ sessions }));
  expect(await noweb.call("GET", "/api/loja/chats/all/messages")).toMatchObject({ status: 400 });
  const gows = await setUpWaha(() => ({ sessions, engine: "GOWS", version: "2026.7.1" }));
  expect(await gows.call("GET", "/api/loja/chats/all/messages")).toEqual({ status: 200, body: [] });
});
