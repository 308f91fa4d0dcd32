import { expect, test } from "vitest";
import { answer } from "../receiver/answer.ts";
import { me, setUpWaha, statusesIn, withStore } from "./testing/set-up-waha.ts";

test("a PUT tells the old webhooks of the stop and the new ones of the start", async () => {
  const { webhook, call, received } = await setUpWaha(({ url }) => ({
    sessions: [
      {
        name: "loja",
        me,
        config: { webhooks: [{ url: `${url}/old`, events: ["session.status"] }] },
      },
    ],
  }));
  const config = { webhooks: [{ ...webhook, url: `${webhook.url}/new` }] };
  const answer = await call("PUT", "/api/sessions/loja", { config });
  expect(answer).toMatchObject({ status: 200, body: { status: "STARTING", me: null, config } });
  const told = (await received(3)).map(({ path, payload, me: shown }) => [
    path,
    payload["status"],
    (payload["statuses"] as unknown[]).length,
    shown,
  ]);
  expect(told.toSorted(([, left], [, right]) => String(left).localeCompare(String(right)))).toEqual(
    [
      ["/hook/new", "STARTING", 1, null],
      ["/hook/old", "STOPPED", 2, me],
      ["/hook/new", "WORKING", 2, me],
    ],
  );
});

test.each(["//", "//api/sessions", "/api//sessions"])(
  "an address with an empty part is an unknown route: %s",
  async (path) => {
    const { call } = await setUpWaha();
    expect((await call("GET", path)).status).toBe(404);
  },
);

test("a restart loses what waited and starts the sessions again", async () => {
  const { fake, target, call, received } = await setUpWaha();
  target.follow(() => answer(500));
  const lost = fake.receive("loja", { phone: "5511900000201", text: "perdida" });
  await received(2);
  await fake.trouble.stop();
  expect((await lost).map(({ result }) => result)).toEqual(["stopped", "stopped"]);
  await expect(call("GET", "/ping")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await fake.receive("loja", { phone: "5511900000201", text: "enquanto fora" });

  target.follow(() => answer(200));
  await fake.trouble.start();
  const after = (await received(6)).slice(2);
  expect(statusesIn(after)).toEqual(["STARTING", "WORKING"]);
  const messages = after.filter(({ event }) => event === "message");
  expect(messages.map(({ payload }) => payload["body"])).toEqual(["enquanto fora"]);
  expect(fake.messages("loja").map(({ payload }) => payload["body"])).toEqual([
    "perdida",
    "enquanto fora",
  ]);
});

test("what a restart misses can also be in the lists alone", async () => {
  const { fake, call, received } = await setUpWaha();
  await fake.trouble.restart({
    missed: "kept",
    async whileDown() {
      for (const text of ["um", "dois"])
        await fake.receive("loja", { phone: "5511900000201", text });
    },
  });
  expect(statusesIn(await received(2))).toEqual(["STARTING", "WORKING"]);
  const list = await call("GET", "/api/loja/chats/all/messages?sortOrder=asc");
  expect(list.body).toMatchObject([{ body: "um" }, { body: "dois" }]);
  await fake.idle();
});

test("a session that was stopped stays stopped through a restart of the process", async () => {
  const { fake, call } = await setUpWaha();
  await call("POST", "/api/sessions/loja/stop");
  await fake.trouble.stop();
  await fake.trouble.start();
  expect(await call("GET", "/api/sessions/loja")).toMatchObject({ body: { status: "STOPPED" } });
});

test("the single-session edition comes back stopped, paired, and without its configuration", async () => {
  const { fake, call } = await setUpWaha(({ url }) => ({
    singleSession: true,
    sessions: [{ name: "default", me, config: { webhooks: [{ url, events: ["*"] }] } }],
  }));
  await fake.trouble.stop();
  await fake.trouble.start();
  expect((await call("GET", "/api/sessions/default")).body).toMatchObject({
    status: "STOPPED",
    config: null,
  });
  await call("POST", "/api/sessions/default/start");
  expect(fake.accountOf("default")).toEqual(me);
});

test("from a change of the key on only the new one opens", async () => {
  const { fake, call } = await setUpWaha();
  fake.trouble.setApiKey("another-key");
  expect((await call("GET", "/api/sessions")).status).toBe(401);
  expect((await call("GET", "/api/sessions", undefined, "another-key")).status).toBe(200);
});

test("a key of a session opens that session alone", async () => {
  const read = { send: false, control: false, setting: false, app: false, delete: false };
  const { call } = await setUpWaha(() => ({
    version: "2026.7.1",
    sessions: [
      { name: "loja", me, config: withStore },
      { name: "outra", me, config: withStore },
    ],
    keys: [{ key: "key_of_loja", session: "loja", actions: { ...read, read: true } }],
  }));
  const asLoja = async (method: string, path: string, body?: unknown): Promise<number> =>
    (await call(method, path, body, "key_of_loja")).status;
  expect(await asLoja("GET", "/api/loja/chats/all/messages")).toBe(200);
  expect(await asLoja("GET", "/api/sessions/loja")).toBe(200);
  expect(await asLoja("POST", "/api/sendText", { session: "loja", chatId: "1", text: "" })).toBe(
    403,
  );
  expect(await asLoja("GET", "/api/outra/chats/all/messages")).toBe(403);
  expect(await asLoja("GET", "/api/contacts/all?session=outra")).toBe(403);
  expect(await asLoja("GET", "/api/sessions")).toBe(403);
  expect(await asLoja("GET", "/api/keys")).toBe(403);
});

test("calls are counted by route, and a fault befalls the routes that it names", async () => {
  const { fake, call } = await setUpWaha();
  const lift = fake.trouble.fail({
    routes: "GET /api/sessions/:session",
    answer: { status: 503, body: undefined, text: "<html>" },
  });
  fake.trouble.fail({ routes: /lids/, times: 1, answer: "reset" });
  await expect(call("GET", "/api/loja/lids")).rejects.toMatchObject({ code: "ECONNRESET" });
  expect((await call("GET", "/api/loja/lids/count")).status).toBe(200);
  await expect(call("GET", "/api/sessions/loja")).rejects.toThrow();
  lift();
  expect((await call("GET", "/api/sessions/loja/")).status).toBe(200);
  await call("GET", "/api/nowhere/at/all");
  expect(fake.calls.byRoute()).toEqual({
    "GET /api/:session/lids": 1,
    "GET /api/:session/lids/count": 1,
    "GET /api/sessions/:session": 2,
    "GET (unknown)": 1,
  });
});

test("a server is idle when its sessions are where they go at once", async () => {
  const { fake, call } = await setUpWaha(() => ({ sessions: [{ name: "nova" }] }));
  await call("POST", "/api/sessions/nova/start");
  await fake.idle();
  expect(fake.states()).toEqual({ nova: "SCAN_QR_CODE" });
  fake.phone.scan("nova");
  await fake.idle();
  expect(fake.states()).toEqual({ nova: "WORKING" });
  fake.phone.drop("nova");
  await fake.idle();
  expect(fake.states()).toEqual({ nova: "STARTING" });
});

test("sessions are created, taken away, and are found whatever their name is", async () => {
  const { call } = await setUpWaha(() => ({ sessions: [] }));
  const name = "loja açaí/2";
  const place = `/api/sessions/${encodeURIComponent(name)}`;
  expect(await call("POST", "/api/sessions", { name, start: false })).toMatchObject({
    status: 201,
    body: { name, status: "STOPPED", config: null },
  });
  expect((await call("POST", "/api/sessions", { name })).status).toBe(422);
  expect((await call("GET", place)).status).toBe(200);
  expect((await call("DELETE", place)).status).toBe(200);
  expect((await call("GET", place)).status).toBe(404);
  const generated = await call("POST", "/api/sessions", {});
  expect(generated.body).toMatchObject({ name: expect.stringMatching(/^session_[0-9a-z]{26}$/) });
});
