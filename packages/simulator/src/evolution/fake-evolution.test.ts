import { expect, onTestFinished, test } from "vitest";
import { compressedClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import { answer } from "../receiver/answer.ts";
import { startReceiver } from "../receiver/receiver.ts";
import { createCast, createPerson } from "../traffic/cast.ts";
import type { MessageRef } from "../traffic/happening.ts";
import type { FakeEvolutionOptions } from "./fake-evolution.ts";
import {
  globalKey,
  type RecordedCall,
  recordedCalls,
  startRecorded,
} from "./testing/recordings.ts";
import { watchSocket } from "./testing/socket-client.ts";

const loja = { name: "loja", owner: "5511900000100@s.whatsapp.net", profileName: "Loja Teste" };

/** A server with one connected number whose webhook goes to a receiver that answers 200 while it is up. */
async function setUp(options: Partial<FakeEvolutionOptions> = {}) {
  const target = await startReceiver({ script: () => answer(state.up ? 200 : 500) });
  onTestFinished(() => target.close());
  const state = { up: true };
  const { fake, call } = await startRecorded({ instances: [loja], ...options });
  for (const { name } of options.instances ?? [loja])
    fake.setWebhook(name, { enabled: true, url: `${target.url}/in`, events: [] });
  const told = () =>
    target.requests.map(({ body }) => JSON.parse(String(body)) as { event: string; data: never });
  return { fake, call, target, state, told, names: () => told().map(({ event }) => event) };
}

function text(id: string, words = id) {
  const key = { remoteJid: "5511900000201@s.whatsapp.net", fromMe: false, id };
  const message = { conversation: words };
  const what = { message, messageType: "conversation", messageTimestamp: 1_795_512_190 };
  return { event: "messages.upsert", data: { key, pushName: "Maria Teste", ...what } };
}
const idsOf = (messages: readonly { readonly key: object }[]): unknown[] =>
  messages.map(({ key }) => (key as { id?: unknown }).id);

test("an instance is listed with the recorded members", async () => {
  const { call } = await setUp();
  const recorded = recordedCalls().find(({ label }) => label === "fetchInstances-all");
  const [row] = (await call("GET", "/instance/fetchInstances")).body as object[];
  const [example] = (recorded as RecordedCall).response.body as object[];
  expect(Object.keys(row ?? {})).toEqual(Object.keys(example ?? {}));
  expect(row).toMatchObject({
    name: "loja",
    connectionStatus: "open",
    ownerJid: loja.owner,
    profileName: "Loja Teste",
  });
});

test("what happens reaches the webhook that was set over HTTP, and the list follows the connection", async () => {
  const { fake, call, target } = await setUp({ instances: [{ name: "nova", token: "T1" }] });
  const webhook = {
    enabled: true,
    url: `${target.url}/in/t`,
    events: [],
    headers: { "x-tenant": "a" },
  };
  await call("POST", "/webhook/set/nova", { webhook });
  await fake.phone.open("nova", { owner: "5511900000111@s.whatsapp.net" });
  const [request] = await target.waitFor(1);
  expect(request).toMatchObject({ url: "/in/t", headers: { "x-tenant": "a" } });
  expect(JSON.parse(String(request?.body))).toMatchObject({
    event: "connection.update",
    instance: "nova",
    server_url: fake.url,
    apikey: "T1",
    sender: "5511900000111@s.whatsapp.net",
  });
  const list = await call("GET", "/instance/fetchInstances?instanceName=nova");
  expect(list.body).toMatchObject([
    { connectionStatus: "open", ownerJid: "5511900000111@s.whatsapp.net" },
  ]);
});

test("somebody's change of a webhook is seen by whoever looks", async () => {
  const { fake, call } = await setUp();
  fake.setWebhook("loja", { enabled: true, url: "http://other.test/", events: ["CALL"] });
  const find = async () => (await call("GET", "/webhook/find/loja")).body;
  expect(await find()).toMatchObject({ url: "http://other.test/", events: ["CALL"] });
  expect(() => fake.setWebhook("loja", { enabled: true })).toThrow("answered 400");
  fake.removeWebhook("loja");
  expect(await find()).toBeNull();
});

test("calls are counted by route, with the instance's name left out", async () => {
  const { fake, call } = await setUp();
  await call("GET", "/webhook/find/loja");
  await call("GET", "/webhook/find/nobody");
  await call("GET", "/some/thing");
  expect(fake.calls.byRoute()).toEqual({
    "GET /webhook/find/:instanceName": 2,
    "GET (no such route)": 1,
  });
});

test.each(["//", "//instance/fetchInstances", "/instance//fetchInstances"])(
  "an address with an empty part is an unknown route: %s",
  async (path) => {
    const { call } = await setUp();
    expect((await call("GET", path)).status).toBe(404);
  },
);

test("a management call that was told to fails, and only that one", async () => {
  const { fake, call } = await setUp();
  const body = { status: 500, error: "Internal Server Error", response: { message: "db" } };
  const lift = fake.trouble.fail({
    routes: "GET /webhook/find/:instanceName",
    answer: { status: 500, body },
  });
  expect(await call("GET", "/webhook/find/loja")).toEqual({ status: 500, body });
  expect((await call("GET", "/instance/connectionState/loja")).status).toBe(200);
  lift();
  expect((await call("GET", "/webhook/find/loja")).status).toBe(200);
});

test("lost events stay in the message list", async () => {
  const { fake, names } = await setUp();
  fake.trouble.lose(2, "loja");
  const [report] = await fake.emit("loja", text("1"));
  expect(report).toMatchObject({ result: "lost", attempts: [] });
  await fake.emit("loja", text("2"));
  await fake.emit("loja", text("3"));
  expect(names()).toEqual(["messages.upsert"]);
  expect(idsOf(fake.messages("loja"))).toEqual(["1", "2", "3"]);
});

test("an event can be lost by one channel alone", async () => {
  const { fake, names } = await setUp();
  const socket = await watchSocket(fake.url, "/", { query: { apikey: globalKey } });
  fake.trouble.lose(1, undefined, "webhook");
  fake.trouble.lose(1, undefined, "socket");
  await fake.emit("loja", text("1"));
  await fake.emit("loja", { event: "call", data: {} });
  await fake.emit("loja", { event: "presence.update", data: {} });
  await socket.waitFor(2);
  expect(names()).toEqual(["call", "presence.update"]);
  expect(socket.events.map(([name]) => name)).toEqual(["messages.upsert", "presence.update"]);
});

test("what a frozen instance held comes out in order", async () => {
  const other = { name: "outra", owner: "5511900000102@s.whatsapp.net" };
  const { fake, call, told } = await setUp({ instances: [loja, other] });
  fake.trouble.freeze("loja");
  expect(await fake.emit("loja", text("1"))).toEqual([]);
  await fake.emit("loja", text("2"));
  await fake.emit("outra", text("other"));
  expect(told()).toHaveLength(1);
  expect(fake.messages("loja")).toEqual([]);
  expect((await call("GET", "/instance/connectionState/loja")).body).toMatchObject({
    instance: { state: "open" },
  });
  await fake.trouble.thaw("loja");
  expect(idsOf(fake.messages("loja"))).toEqual(["1", "2"]);
  expect(told()).toHaveLength(3);
});

test("a restart of the instance over the API thaws it", async () => {
  const { fake, call, names } = await setUp();
  fake.trouble.freeze("loja");
  await fake.emit("loja", text("1"));
  await call("POST", "/instance/restart/loja");
  await fake.idle();
  expect(names().toSorted()).toEqual(["connection.update", "connection.update", "messages.upsert"]);
});

test("a restart of the process thaws every instance", async () => {
  const { fake, names } = await setUp();
  fake.trouble.freeze("loja");
  await fake.emit("loja", text("1"));
  await fake.trouble.restart();
  await fake.emit("loja", text("2"));
  expect(idsOf(fake.messages("loja"))).toEqual(["1", "2"]);
  expect(names().filter((name) => name === "messages.upsert")).toHaveLength(2);
});

test("a process that ends before the last webhook of a deleted instance keeps the instance", async () => {
  const { fake, call, target, state } = await setUp();
  state.up = false;
  await call("DELETE", "/instance/delete/loja");
  await target.waitFor(1);
  await fake.trouble.restart();
  expect(fake.states()).toEqual({ loja: "close" });
});

test("a restarted process has lost its retries and kept its messages", async () => {
  const { fake, call, state, names } = await setUp();
  state.up = false;
  const lost = fake.emit("loja", text("1"));
  while (names().length < 1) await new Promise(setImmediate);
  await fake.trouble.stop();
  expect(await lost).toMatchObject([{ result: "stopped" }]);
  await expect(call("GET", "/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  state.up = true;
  await fake.emit("loja", text("2"));
  expect(idsOf(fake.messages("loja"))).toEqual(["1"]);
  await fake.trouble.start({ connectingUpdates: 3 });
  expect(idsOf(fake.messages("loja"))).toEqual(["1", "2"]);
  expect(names().slice(1).toSorted()).toEqual([
    ...Array<string>(4).fill("connection.update"),
    "messages.upsert",
  ]);
  expect(fake.states()).toEqual({ loja: "open" });
  expect((await call("GET", "/")).status).toBe(200);
});

test("a process that runs is not started again", async () => {
  const { fake } = await setUp();
  await expect(fake.trouble.start()).rejects.toThrow("running");
});

test("what happens while the process is down can be kept without a word", async () => {
  const { fake, names } = await setUp();
  await fake.trouble.restart({
    missed: "kept",
    whileDown: async () => void (await fake.emit("loja", text("1"))),
  });
  expect(idsOf(fake.messages("loja"))).toEqual(["1"]);
  expect(names()).not.toContain("messages.upsert");
});

test("a number that is logged out or banned says so once, in the order of 2.3", async () => {
  for (const [act, code] of [
    ["logout", 401],
    ["ban", 403],
  ] as const) {
    const { fake, call, told } = await setUp({ disorderMs: 0 });
    await fake.phone[act]("loja");
    expect(
      told()
        .map(({ event }) => event)
        .toSorted(),
    ).toEqual(["connection.update", "logout.instance", "status.instance"]);
    const update = told().find(({ event }) => event === "connection.update");
    expect(update?.data).toEqual({ instance: "loja", state: "close", statusReason: code });
    const [row] = (await call("GET", "/instance/fetchInstances")).body as object[];
    expect(row).toMatchObject({ connectionStatus: "close", disconnectionReasonCode: code });
    await fake.phone.open("loja");
    const [again] = (await call("GET", "/instance/fetchInstances")).body as object[];
    expect(again).toMatchObject({ connectionStatus: "open", disconnectionReasonCode: null });
  }
});

test("a dropped connection is announced only as connecting, and the list goes on saying open", async () => {
  const { fake, call, told } = await setUp();
  await fake.phone.drop("loja", 515);
  await fake.phone.flap("loja", 3);
  expect(told().map(({ data }) => data)).toEqual(
    Array.from({ length: 4 }, () => ({ instance: "loja", state: "connecting", statusReason: 200 })),
  );
  expect(fake.states()).toEqual({ loja: "connecting" });
  const [row] = (await call("GET", "/instance/fetchInstances")).body as object[];
  expect(row).toMatchObject({ connectionStatus: "open" });
});

test("codes follow each other until one is scanned", async () => {
  const { fake, call, told } = await setUp({ instances: [{ name: "nova" }] });
  const first = await call("GET", "/instance/connect/nova?number=5511900000111");
  expect(first.body).toMatchObject({ count: 1, pairingCode: expect.stringMatching(/^\w{8}$/) });
  fake.phone.nextCode("nova");
  const second = await call("GET", "/instance/connect/nova");
  expect(second.body).toMatchObject({
    count: 2,
    pairingCode: (first.body as { pairingCode: string }).pairingCode,
  });
  await fake.phone.scan("nova", { owner: "5511900000111@s.whatsapp.net", profileName: "Nova" });
  await fake.idle();
  const codes = told().filter(({ event }) => event === "qrcode.updated");
  expect(codes).toHaveLength(2);
  expect(codes.map(({ data }) => (data as { qrcode: { code: string } }).qrcode.code)).toContain(
    (second.body as { code: string }).code,
  );
  expect(fake.states()).toEqual({ nova: "open" });
  await expect(fake.phone.scan("nova")).rejects.toThrow("shows no code");
});

test("codes expire by themselves, and the last one ends the pairing", async () => {
  const { fake, call, told, target } = await setUp({
    instances: [{ name: "nova" }],
    clock: compressedClock(1_000),
    qr: { everyMs: 10_000, limit: 3 },
    // Compressed too, and not what this is about.
    retry: { timeoutMs: 1e9 },
  });
  await call("GET", "/instance/connect/nova");
  await target.waitFor(6);
  const last = (event: string) => told().filter((entry) => entry.event === event);
  expect(last("qrcode.updated")).toHaveLength(4);
  expect(last("qrcode.updated").map(({ data }) => data)).toContainEqual({
    message: "QR code limit reached, please login again",
    statusCode: 500,
  });
  expect(last("connection.update").map(({ data }) => data)).toContainEqual({
    instance: "nova",
    state: "refused",
    statusReason: 428,
  });
  expect(fake.states()).toEqual({ nova: "close" });
  const again = await call("GET", "/instance/connect/nova");
  expect(again.body).toMatchObject({ count: 1 });
});

test("acks, edits and deletions change the stored message", async () => {
  const { fake, call } = await setUp();
  const person = createPerson(201, "Maria Teste", "lid");
  const cast = createCast(0, "Loja Teste", createRandom("cast"));
  const ref: MessageRef = { id: "AC01", fromMe: false, person };
  const ours: MessageRef = { id: "3EB01", fromMe: true, person };
  const content = { kind: "text", text: "oi" } as const;
  await fake.perform("loja", cast, { kind: "message", ref, via: "app", content });
  await fake.perform("loja", cast, { kind: "message", ref: ours, via: "api", content });
  await fake.perform("loja", cast, { kind: "ack", ref: ours, level: 2 });
  await fake.perform("loja", cast, { kind: "edit", id: "AC02", target: ref, text: "olá" });
  await fake.emit("loja", { event: "messages.delete", data: { key: { id: "3EB01" } } });
  const [theirs, answered] = fake.messages("loja");
  expect(theirs).toMatchObject({
    // The event showed the phone; the database keeps the LID.
    key: { remoteJid: person.lid, remoteJidAlt: `${person.phone}@s.whatsapp.net` },
    message: { conversation: "olá" },
    MessageUpdate: [{ status: "EDITED" }],
  });
  expect(answered?.MessageUpdate).toEqual([{ status: "DELIVERY_ACK" }, { status: "DELETED" }]);
  const where = { id: "3EB01" };
  const statuses = await call("POST", "/chat/findStatusMessage/loja", { where });
  expect(statuses.body).toMatchObject([{ status: "DELIVERY_ACK" }, { status: "DELETED" }]);
  const contacts = await call("POST", "/chat/findContacts/loja", { where: {} });
  expect(contacts.body).toMatchObject([{ pushName: "Maria Teste", type: "contact" }]);
});

test("whoever writes is in the list, by phone, behind a LID and in a group", async () => {
  const { fake, call, told } = await setUp();
  await fake.receive("loja", { phone: "5511900000201", text: "oi", id: "A1" });
  await fake.receive("loja", { phone: "5511900000202", text: "oi", addressing: "lid" });
  await fake.receive("loja", { phone: "5511900000203", image: { caption: "foto" } });
  await fake.receive("loja", { phone: "5511900000203", group: "120363000000000201@g.us" });
  expect(fake.messages("loja").map(({ key }) => key["remoteJid"])).toEqual([
    "5511900000201@s.whatsapp.net",
    "25511900000202@lid",
    "5511900000203@s.whatsapp.net",
    "120363000000000201@g.us",
  ]);
  const chats = await call("POST", "/chat/findChats/loja", {});
  expect(chats.body).toHaveLength(4);
  const [first] = told();
  expect(first?.data).toMatchObject({ key: { id: "A1", fromMe: false }, pushName: "Maria Teste" });
});

test("an instance that somebody creates is told and can be called", async () => {
  const { fake, call } = await setUp();
  await fake.create({ name: "depois", token: "T9" });
  expect(fake.tokenOf("depois")).toBe("T9");
  expect((await call("GET", "/instance/connectionState/depois")).status).toBe(200);
  await expect(async () => fake.create({ name: "depois" })).rejects.toThrow("already");
  expect(() => fake.idOf("nobody")).toThrow("no instance");
});
