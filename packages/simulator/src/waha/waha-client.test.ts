import { WahaApi } from "@recado/providers";
import { request } from "undici";
import { expect, test } from "vitest";
import { apiKey, type Envelope, me, setUpWaha } from "./testing/set-up-waha.ts";

/** The typed client of the providers package and this server agree, since both follow the recordings. */
async function setUp() {
  const stage = await setUpWaha();
  const timing = { now: Date.now, wait: () => Promise.resolve(), random: () => 0 };
  const api = new WahaApi({
    baseUrl: stage.fake.url,
    apiKey,
    timing,
    async send({ url, method, headers, body }) {
      const answer = await request(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      const flat = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
      const bytes = new Uint8Array(await answer.body.arrayBuffer());
      return { status: answer.statusCode, headers: Object.fromEntries(flat), body: bytes };
    },
  });
  return { ...stage, api };
}

test("the client sees the sessions and messages that there are", async () => {
  const { api, fake } = await setUp();
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  for (const text of ["um", "dois", "três"])
    await fake.receive("loja", { phone: "5511900000201", text });
  expect(await api.sessions()).toMatchObject([{ name: "loja" }]);
  const { records } = await api.messagesSince("loja", {
    sinceMs: now - 60_000,
    untilMs: now + 60_000,
  });
  const truth = fake.messages("loja");
  expect(records.map(({ waId }) => waId)).toEqual(truth.map(({ id }) => id));
});

test("the client's webhook is set beside those of others", async () => {
  const { api, fake, webhook } = await setUp();
  await api.setWebhook("loja", { url: "http://gateway.example/in", events: ["message"] });
  expect(fake.webhooksOf("loja")).toMatchObject([
    webhook,
    { url: "http://gateway.example/in", events: ["message"] },
  ]);
});

test("the client pairs a session, by code or by number", async () => {
  const { api, fake, received } = await setUp();
  fake.phone.logout("loja");
  await api.restartSession("loja");
  await received(4);
  const { code, image } = await api.qrCode("loja");
  expect([code, image.slice(0, 22)]).toEqual([fake.phone.code("loja"), "data:image/png;base64,"]);
  expect(await api.pairingCode("loja", "+55 11 90000-0101")).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
  fake.phone.scan("loja", me);
  await received(6);
  expect(await api.account("loja")).toMatchObject({ name: "Loja Teste" });
});

test("the client fetches media from the server, which forgets them at a restart and can load them again", async () => {
  const { api, fake, call, received } = await setUp();
  const bytes = Buffer.from([0, 0xff, 0x80, 10]);
  const media = { kind: "audio", bytes, mimetype: "audio/ogg; codecs=opus" } as const;
  await fake.receive("loja", { phone: "5511900000201", media });
  const [told] = await received(1);
  const { url } = (told as Envelope).payload["media"] as { url: string };
  expect(Buffer.from((await api.downloadMedia(url)).bytes)).toEqual(bytes);
  await fake.trouble.stop();
  await fake.trouble.start();
  await expect(api.downloadMedia(url)).rejects.toMatchObject({ code: "not_found" });
  await received(4);
  await call("GET", "/api/loja/chats/all/messages");
  expect(Buffer.from((await api.downloadMedia(url)).bytes)).toEqual(bytes);
});

test("the client finds every message that a restart of the server missed, in order", async () => {
  const { api, fake, received } = await setUp();
  const sinceMs = Math.floor(Date.now() / 1_000) * 1_000 - 600_000;
  await fake.trouble.restart({
    missed: "kept",
    async whileDown() {
      for (let index = 0; index < 250; index += 1) {
        const sentAt = sinceMs + index * 2_000;
        await fake.receive("loja", { phone: `55119000002${index % 90}`, text: `${index}`, sentAt });
      }
    },
  });
  await received(2);
  const { records } = await api.messagesSince("loja", { sinceMs, untilMs: sinceMs + 600_000 });
  expect(records.length).toBe(250);
  expect(records.map(({ waId }) => waId)).toEqual(fake.messages("loja").map(({ id }) => id));
  expect(fake.calls.count("GET /api/:session/chats/:chat/messages")).toBeGreaterThan(2);
});
