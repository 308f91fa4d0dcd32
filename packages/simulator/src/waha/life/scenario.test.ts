import { request } from "undici";
import { expect, test } from "vitest";
import { createRandom } from "../../random.ts";
import { createCast } from "../../traffic/cast.ts";
import { tellStory } from "../../traffic/story.ts";
import { apiKey, type Envelope, me, setUpWaha, statusesIn } from "../testing/set-up-waha.ts";

const everything = "/api/loja/chats/all/messages?limit=100&sortOrder=asc&downloadMedia=false";
const bodies = (list: unknown): unknown[] =>
  (list as readonly { body: unknown }[]).map(({ body }) => body);

test("somebody writes: the webhook tells it, the lists have it, the truth knows it", async () => {
  const { fake, call, received } = await setUpWaha();
  await fake.receive("loja", { phone: "5511900000201", name: "Maria Teste", text: "Olá" });
  const told = await received(2);
  expect(told.map(({ event }) => event).toSorted()).toEqual(["message", "message.any"]);
  expect(told[0]).toMatchObject({ me, payload: { body: "Olá", from: "5511900000201@c.us" } });
  expect(bodies((await call("GET", everything)).body)).toEqual(["Olá"]);
  expect(fake.messages("loja")).toMatchObject([{ chatId: "5511900000201@c.us", fromMe: false }]);
  expect(fake.states()).toEqual({ loja: "WORKING" });
  expect((await call("GET", "/api/loja/lids/pn/5511900000201")).body).toMatchObject({
    lid: expect.stringMatching(/@lid$/),
  });
  expect((await call("GET", "/api/contacts/all?session=loja")).body).toMatchObject([
    { name: "Maria Teste" },
  ]);
});

test("a picture can be fetched where its event says it is", async () => {
  const { fake, received } = await setUpWaha();
  const bytes = Buffer.from([0xff, 0xd8, 0x00, 0x80, 0xfe]);
  const media = { kind: "image", bytes, mimetype: "image/jpeg" } as const;
  await fake.receive("loja", { phone: "5511900000201", text: "foto", media });
  const [told] = await received(1);
  const { url } = (told as Envelope).payload["media"] as { url: string };
  expect(url).toMatch(/\/api\/files\/loja\/3A[0-9A-F]{18}\.jpeg$/);
  const file = await request(url, { headers: { "X-Api-Key": apiKey } });
  expect(file.headers).toMatchObject({ "content-type": "image/jpeg", "content-length": "5" });
  expect(Buffer.from(await file.body.arrayBuffer())).toEqual(bytes);
});

test("what nobody was told is in the lists", async () => {
  const { fake, target, call } = await setUpWaha();
  const write = (text: string) => fake.receive("loja", { phone: "5511900000201", text });
  fake.trouble.lose(1, "loja", "webhook");
  expect((await write("perdida")).map(({ result }) => result)).toEqual(["lost", "lost"]);
  fake.trouble.freeze("loja");
  expect(await write("congelada")).toEqual([]);
  fake.keep("loja", { id: "false_5511900000201@c.us_3A1", timestamp: 4e9, body: "só na lista" });
  expect(target.requests).toEqual([]);
  expect(await call("GET", "/api/sessions/loja")).toMatchObject({ body: { status: "WORKING" } });
  expect(bodies((await call("GET", everything)).body)).toEqual([
    "perdida",
    "congelada",
    "só na lista",
  ]);
});

test("a restart of the session ends its freeze", async () => {
  const { fake, call, received } = await setUpWaha();
  fake.trouble.freeze("loja");
  await call("POST", "/api/sessions/loja/restart");
  const told = statusesIn(await received(3));
  expect(new Set(told)).toEqual(new Set(["STOPPED", "STARTING", "WORKING"]));
  const reports = await fake.receive("loja", { phone: "5511900000201" });
  expect(reports.map(({ result }) => result)).toEqual(["delivered", "delivered"]);
});

test("what is written while the connection is away comes when it is back", async () => {
  const { fake, received } = await setUpWaha();
  fake.phone.drop("loja");
  expect(await fake.receive("loja", { phone: "5511900000201", text: "atrasada" })).toEqual([]);
  expect(statusesIn(await received(1))).toEqual(["STARTING"]);
  fake.phone.open("loja");
  const told = await received(4);
  expect(told.slice(1).map(({ event }) => event)).toEqual(
    expect.arrayContaining(["session.status", "message", "message.any"]),
  );
});

test("a code is shown, scanned, and the account is connected", async () => {
  const { fake, call, received } = await setUpWaha(({ url }) => ({
    sessions: [{ name: "nova", config: { webhooks: [{ url, events: ["*", "state.change"] }] } }],
  }));
  await call("POST", "/api/sessions/nova/start");
  const started = await received(4);
  expect(statusesIn(started)).toEqual(["STARTING", "SCAN_QR_CODE"]);
  const raw = await call("GET", "/api/nova/auth/qr?format=raw");
  expect(raw.body).toEqual({ value: fake.phone.code("nova") });
  expect(started.find(({ payload }) => "qr" in payload)?.payload).toEqual({
    qr: fake.phone.code("nova"),
  });
  fake.phone.scan("nova", me);
  await received(8);
  expect(await call("GET", "/api/sessions/nova")).toMatchObject({
    body: { status: "WORKING", me },
  });
  await call("POST", "/api/sessions/nova/restart");
  expect(fake.accountOf("nova")).toEqual(me);
});

test.each(["logout", "ban"] as const)("after %s a restart asks for a code", async (action) => {
  const { fake, call, received } = await setUpWaha();
  fake.phone[action]("loja");
  expect(statusesIn(await received(1))).toEqual(["FAILED"]);
  await call("POST", "/api/sessions/loja/restart");
  const told = await received(4);
  const after = new Set(statusesIn(told).slice(1));
  expect(after).toEqual(new Set(["STOPPED", "STARTING", "SCAN_QR_CODE"]));
  expect([fake.accountOf("loja"), fake.states()["loja"]]).toEqual([null, "SCAN_QR_CODE"]);
});

test("what is sent over the API comes back as an own message with its first tick", async () => {
  const { call, received } = await setUpWaha();
  const sent = await call("POST", "/api/sendText", {
    session: "loja",
    chatId: "5511900000201",
    text: "Resposta",
  });
  const { key } = sent.body as { key: { id: string; remoteJid: string } };
  expect(key.remoteJid).toBe("5511900000201@s.whatsapp.net");
  const told = await received(2);
  const id = `true_5511900000201@c.us_${key.id}`;
  expect(told.find(({ event }) => event === "message.any")?.payload).toMatchObject({
    id,
    source: "api",
    ack: 0,
  });
  expect(told.find(({ event }) => event === "message.ack")?.payload).toMatchObject({ id, ack: 1 });
  expect((await call("GET", everything)).body).toMatchObject([{ id, ackName: "SERVER" }]);
});

test("webhooks change behind everybody's back, without a restart", async () => {
  const { fake, call } = await setUpWaha();
  fake.setWebhooks("loja", [{ url: "http://127.0.0.1:1/other", events: ["message"] }]);
  const seen = await call("GET", "/api/sessions/loja");
  expect(seen.body).toMatchObject({
    status: "WORKING",
    config: { webhooks: [{ url: "http://127.0.0.1:1/other" }], noweb: {} },
  });
  fake.setConfig("loja", null);
  expect((await call("GET", "/api/sessions/loja")).body).toMatchObject({ config: null });
});

test("a session that does not exist is a mistake of the scenario", async () => {
  const { fake } = await setUpWaha();
  expect(() => fake.trouble.freeze("nenhuma")).toThrow('no session "nenhuma"');
  await expect(fake.receive("nenhuma", { phone: "1" })).rejects.toThrow(RangeError);
});

test("chats that the configuration ignores are not told of", async () => {
  const { fake, received } = await setUpWaha((webhook) => ({
    sessions: [
      { name: "loja", me, config: { webhooks: [webhook], ignore: { groups: true, status: true } } },
    ],
  }));
  const group = "120363000000000201@g.us";
  const id = "false_status@broadcast_3A01_5511900000201@c.us";
  expect(await fake.receive("loja", { phone: "5511900000201", text: "grupo", group })).toEqual([]);
  expect(await fake.emit("loja", ["message"], { id, timestamp: 1 })).toEqual([]);
  await fake.receive("loja", { phone: "5511900000201", text: "direto" });
  expect((await received(2))[0]?.payload).toMatchObject({ body: "direto" });
});

test("a message can be anybody's, anywhere, of any time and kind", async () => {
  const { fake, call } = await setUpWaha();
  const writer = { phone: "5511900000201", name: "Maria Teste" };
  const group = "120363000000000201@g.us";
  const bytes = Buffer.from("%PDF-1.7");
  const media = {
    kind: "document",
    bytes,
    mimetype: "application/pdf",
    filename: "conta.pdf",
  } as const;
  await fake.receive("loja", { ...writer, text: "antiga", id: "3A01", sentAt: 1_000_000 });
  await fake.receive("loja", { ...writer, text: "minha", fromMe: true, sentAt: 2_000_000 });
  await fake.receive("loja", { ...writer, text: "grupo", group, sentAt: 3_000_000 });
  await fake.receive("loja", { ...writer, text: "lid", addressing: "lid", sentAt: 4_000_000 });
  await fake.receive("loja", { ...writer, media, sentAt: 5_000_000 });
  const list = await call("GET", everything.replace("=false", "=true"));
  expect(list.body).toMatchObject([
    { id: "false_5511900000201@c.us_3A01", timestamp: 1_000 },
    { fromMe: true, from: "5511900000201@c.us" },
    { from: group },
    { from: expect.stringMatching(/@lid$/) },
    {
      hasMedia: true,
      media: { filename: "conta.pdf", url: expect.stringMatching(/\/3A[0-9A-F]{18}\.pdf$/) },
    },
  ]);
  expect(Object.keys((await call("GET", "/api/loja/groups")).body as object)).toEqual([group]);
});

test("a story is performed on a session", async () => {
  const { fake } = await setUpWaha();
  const random = createRandom(7);
  const cast = createCast(1, "Loja Teste", random.fork("cast"));
  const told = new Set<string>();
  let left = 60;
  for (const { happening } of tellStory(cast, random, { run: "a" })) {
    await fake.perform("loja", cast, happening);
    told.add(happening.kind);
    if ((left -= 1) === 0) break;
  }
  await fake.idle();
  expect(told.has("message")).toBe(true);
  expect(fake.messages("loja").length).toBeGreaterThan(10);
});

test("an event can be lost on one channel, on any session, as often as said", async () => {
  const { fake } = await setUpWaha();
  const write = async () =>
    (await fake.receive("loja", { phone: "5511900000201" })).map(({ result }) => result);
  fake.trouble.lose(1, undefined, "socket");
  expect(await write()).toEqual(["delivered", "delivered"]);
  fake.trouble.lose(2);
  expect(await write()).toEqual(["lost", "lost"]);
  fake.trouble.thaw("loja");
  expect(await write()).toEqual(["lost", "lost"]);
  expect(await write()).toEqual(["delivered", "delivered"]);
  expect(fake.messages("loja").length).toBe(4);
});

test("without a way to WhatsApp sessions loop, and connect when there is one again", async () => {
  const { fake, call } = await setUpWaha((webhook) => ({
    sessions: [
      { name: "loja", me, config: { webhooks: [webhook] } },
      { name: "parada", config: { webhooks: [webhook] } },
    ],
  }));
  fake.trouble.cutNetwork();
  expect(fake.states()).toEqual({ loja: "STARTING", parada: "STOPPED" });
  await call("POST", "/api/sessions/parada/start");
  expect(fake.states()["parada"]).toBe("STARTING");
  fake.trouble.restoreNetwork();
  expect(fake.states()).toEqual({ loja: "WORKING", parada: "SCAN_QR_CODE" });
});

test("a code can be made to expire, and a scan needs one", async () => {
  const { fake } = await setUpWaha(() => ({ sessions: [{ name: "nova", status: "STARTING" }] }));
  expect(() => fake.phone.scan("nova")).toThrow('"nova" shows no code');
  fake.phone.open("nova");
  const codes = [fake.phone.code("nova")];
  while (fake.states()["nova"] === "SCAN_QR_CODE") {
    fake.phone.nextCode("nova");
    codes.push(fake.phone.code("nova"));
  }
  expect(new Set(codes).size).toBe(7);
  expect([codes.at(-1), fake.states()["nova"]]).toEqual([null, "FAILED"]);
});
